struct exit_event {
	u32 pid;
	char state[6];
	short prio;
};

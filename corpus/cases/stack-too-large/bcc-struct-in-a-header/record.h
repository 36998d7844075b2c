struct record {
	u32 pid;
	char comm[16];
	char path[512];
};

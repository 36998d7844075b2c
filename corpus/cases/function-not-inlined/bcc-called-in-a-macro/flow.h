struct flow {
	u32 address;
	u32 port;
};

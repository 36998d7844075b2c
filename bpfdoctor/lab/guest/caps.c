/* Gives up privileges before a load, as the request asks. */
#define _GNU_SOURCE
#include "caps.h"

#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif

#define BIT(capability) (1ull << (capability))
#define NOBODY 65534

int give_up(enum capabilities keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};
	uint64_t kept;
	int capability;

	switch (keep) {
	case CAPS_FULL:
		return 0;
	case CAPS_NO_PERFMON: /* CAP_SYS_ADMIN implies CAP_PERFMON, so it goes too */
		kept = ~(BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN));
		break;
	case CAPS_BPF_NET:
		kept = BIT(CAP_BPF) | BIT(CAP_NET_ADMIN);
		break;
	case CAPS_UNPRIVILEGED:
	default:
		kept = 0;
	}
	for (capability = 0; capability < 64; capability++)
		if (!(kept & BIT(capability)) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
			break; /* past the last capability of this kernel */
	if (!kept && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
		return -1;
	if (syscall(SYS_capget, &header, data))
		return -1;
	data[0].effective = data[0].permitted &= (uint32_t)kept;
	data[1].effective = data[1].permitted &= (uint32_t)(kept >> 32);
	data[0].inheritable = data[1].inheritable = 0;
	return syscall(SYS_capset, &header, data);
}

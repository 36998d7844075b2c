/* Gives up privileges before a load, as the request asks. */
#ifndef BPFDOCTOR_CAPS_H
#define BPFDOCTOR_CAPS_H

enum capabilities { CAPS_FULL = 0, CAPS_NO_PERFMON = 1, CAPS_BPF_NET = 2, CAPS_UNPRIVILEGED = 3 };

/* 0, or -1 with errno. */
int give_up(enum capabilities keep);

#endif

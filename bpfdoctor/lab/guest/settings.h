/* What other loaders set before they load: sizes of maps, and types of sections that this libbpf lacks. */
#ifndef BPFDOCTOR_SETTINGS_H
#define BPFDOCTOR_SETTINGS_H

#include <bpf/libbpf.h>

/* Gives maps without a size the least that their type takes, as capture/_loader_settings.py does. */
void settings_size_maps(struct bpf_object *object);

/* Gives a program of no type the one that its section stands for with other loaders. */
void settings_type(struct bpf_program *program);

#endif

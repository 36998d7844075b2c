/* A tree that libelf.a of elfutils 0.192 (Debian 13) uses, and that no static library of its packages has: libc's.
 * What `tree` points to is touched by these alone, and the guest has one thread. Weak: a library's own win. */
#define _GNU_SOURCE
#include <search.h>

typedef int compare_keys(const void *, const void *);

void eu_search_tree_init(void **tree);
void eu_search_tree_fini(void **tree, void (*free_key)(void *));
void *eu_tsearch(const void *key, void **tree, compare_keys *compare);
void *eu_tfind(const void *key, void *const *tree, compare_keys *compare);

__attribute__((weak)) void eu_search_tree_init(void **tree)
{
	*tree = 0;
}

__attribute__((weak)) void eu_search_tree_fini(void **tree, void (*free_key)(void *))
{
	tdestroy(*tree, free_key);
	*tree = 0;
}

__attribute__((weak)) void *eu_tsearch(const void *key, void **tree, compare_keys *compare)
{
	return tsearch(key, tree, compare);
}

__attribute__((weak)) void *eu_tfind(const void *key, void *const *tree, compare_keys *compare)
{
	return tfind(key, tree, compare);
}

/*
 * Paths inside the container's root. An image, or another container that shares a volume, may put symbolic links where
 * we want to mount, at any moment. So a path is never handed to the kernel as a text twice: it is resolved once, by
 * openat2(2) with RESOLVE_IN_ROOT, and from then on there is a descriptor (CVE-2021-30465, CVE-2024-45310).
 */
#ifndef ROOT_H
#define ROOT_H

#include "base.h"

#include <sys/types.h>

/* openat2 below `root`: links, ".." and absolute targets stay in there, magic links of procfs are refused with ELOOP.
 */
int root_open(int root, const char *path, int flags);
/* The same, and further RESOLVE_* flags. */
int root_open_how(int root, const char *path, int flags, uint64_t resolve);

enum make { MAKE_NONE, MAKE_DIR, MAKE_FILE };
struct missing {
    enum make make; /* what to make at the end of the path; parents are directories 0755 */
    mode_t mode;
    bool made; /* out: the last one was missing */
};
/* O_PATH descriptor of the path; what is missing is made, also behind dangling links, never outside the root. */
int root_make(int root, const char *path, struct missing *missing);
/* The directory of the path's last component (made if missing), and that component in `name`. */
int root_parent(int root, const char *path, char name[256]);

#endif

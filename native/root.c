#include "root.h"

#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { MAX_LINKS = 40 };

int root_open_how(int root, const char *path, int flags, uint64_t resolve) {
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve};
    while (*path == '/') path++;
    for (;;) {
        int fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
        if (fd >= 0 || errno != EAGAIN) return fd; /* EAGAIN: something was renamed while ".." was walked */
    }
}

int root_open(int root, const char *path, int flags) {
    return root_open_how(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* One missing component in an open directory. The name has no slash and is not followed. */
static int make_one(int parent, const char *name, enum make make, mode_t mode) {
    if (make == MAKE_FILE) return openat(parent, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (mkdirat(parent, name, mode) < 0) return -1;
    return openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* path[0..end) ends in the dangling link `name` of `parent`: puts the link's target in its place. `saved` is *end's
 * byte. */
static int replace_link(int parent, char *path, char *name, char *end, char saved) {
    char target[PATH_MAX], rest[PATH_MAX];
    ssize_t length = readlinkat(parent, name, target, sizeof(target) - 1);
    if (length < 0) return -1;
    *end = saved;
    size_t before = target[0] == '/' ? 0 : (size_t)(name - path), after = strlen(end);
    if (before + (size_t)length + after >= PATH_MAX) return errno = ENAMETOOLONG, -1;
    memcpy(rest, end, after + 1);
    memcpy(path + before, target, (size_t)length);
    memcpy(path + before + length, rest, after + 1);
    return 0;
}

/*
 * Walks the path component by component, and makes what is missing. Returns -1 with EXDEV when a dangling link was met
 * and has been replaced in `path`: begin again.
 */
static int walk(int root, char *path, struct missing *missing) {
    CLEANUP_FD int parent = root_open(root, "/", O_PATH | O_DIRECTORY);
    if (parent < 0) return -1;
    for (char *name = path + strspn(path, "/");;) {
        char *end = name + strcspn(name, "/"), *next = end + strspn(end, "/"), saved = *end;
        bool last = *next == 0;
        *end = 0;
        int here = root_open(root, path, O_PATH);
        if (here < 0 && errno == ENOENT) {
            here = make_one(parent, name, last ? missing->make : MAKE_DIR, last ? missing->mode : 0755);
            missing->made = last && here >= 0;
        }
        if (here < 0 && errno == EEXIST)
            return replace_link(parent, path, name, end, saved) < 0 ? -1 : (errno = EXDEV, -1);
        *end = saved;
        if (here < 0 || last) return here;
        close_fd(&parent);
        parent = here;
        name = next;
    }
}

int root_make(int root, const char *path, struct missing *missing) {
    char work[PATH_MAX];
    missing->made = false;
    int fd = root_open(root, path, O_PATH);
    if (fd >= 0 || errno != ENOENT || missing->make == MAKE_NONE) return fd;
    if (strlen(path) >= sizeof(work)) return errno = ENAMETOOLONG, -1;
    memcpy(work, path, strlen(path) + 1);
    mode_t mask = umask(0);
    for (int links = 0; links < MAX_LINKS; links++) {
        fd = walk(root, work, missing);
        if (fd >= 0 || errno != EXDEV) break;
        errno = ELOOP;
    }
    umask(mask);
    return fd;
}

int root_parent(int root, const char *path, char name[256]) {
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    size_t length = (size_t)(last - path);
    if (!*last || !strcmp(last, ".") || !strcmp(last, "..")) return errno = EINVAL, -1;
    if (length >= sizeof(directory) || strlen(last) > 255) return errno = ENAMETOOLONG, -1;
    memcpy(directory, path, length);
    directory[length] = 0;
    memcpy(name, last, strlen(last) + 1);
    struct missing missing = {MAKE_DIR, 0755, false};
    return root_make(root, directory, &missing);
}

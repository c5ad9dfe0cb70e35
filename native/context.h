/* What the operations of one launch share. Lives in the launcher, its copy in the child; the monitor keeps `monitor`.
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "monitor.h"
#include "plan.h"

#include <sys/types.h>

/* Fixed numbers: given by the engine (docs/protocol.md), or named in netlink messages. */
enum { PLAN_FD = 3, EVENTS_FD = 4, CHANNEL_FD = 5, CONTAINER_NETNS_FD = 64 };

/* Another process, held so that neither its PID nor its root can be exchanged under us. */
struct slot {
    int pidfd, root;
};
enum { SLOTS = 4 };

/* Written by the child, read by its parent after the child's execve or death: a mapping that both share. */
struct progress {
    uint32_t failed_index, failed_errno; /* errno 0: nothing failed */
    uint32_t current_index;              /* where the child stands, if it dies without a word */
    uint64_t execve_since;               /* nanoseconds; 0: not there yet */
    struct {
        uint32_t microseconds;
        int32_t warning; /* errno of an optional operation that failed */
        bool done;
    } op[];
};

/* The number of a child that another child of ours has made (`hand_over`, `child_setns`), as the kernel writes it. Not mapped in what
 * comes after, so no container can forge it. */
struct heir {
    pid_t pid; /* 0: there is none */
};

/* A cgroup that was made here, and goes again if the launch fails. */
struct made_cgroup {
    char *path;
    struct made_cgroup *older;
};

struct context {
    char *title; /* argv[0], which ps shows */
    size_t title_room;
    struct plan plan;
    struct progress *progress;
    size_t progress_size;
    struct heir *heir;
    struct slot slot[SLOTS];
    struct made_cgroup *made;
    pid_t keeper; /* stands in a scope of systemd's, see ops_scope.c; 0: there is none */
    /* pipes: the child waits on `go` for stage parent; end of file on `ready` means execve or death */
    int go[2], ready[2];
    uint64_t clone_flags;
    /* whose namespaces the child is born in, see child_setns; pidfd -1: none but ours and new ones */
    struct {
        int pidfd, flags;
    } birth;
    int home, child_user; /* between enter_ and leave_child_mounts: our own mount namespace, the child's user namespace */
    int cgroup; /* where the child is born, -1: where we are */
    pid_t child;
    int pidfd;
    int proc;                /* a procfs of our own for `files`, -1 until own_proc */
    int root;                /* O_PATH; the container's root, -1 until open_root or chroot_process */
    bool died_before_parent; /* the launcher was gone when the child should go on */
    struct monitor monitor;
};

/* Runs the operations of a stage in order. -1: one failed, see progress; in stage exit failures are only reported. */
int run_stage(struct context *context, enum stage stage);
/* The child's way from clone to execve. */
_Noreturn void container_main(struct context *context);
/* Reads the plan, carries it out, and stays as monitor until the process has ended. Returns the exit status. */
int launch(char *title, size_t room);
/* The root below which in-root paths resolve: the opened one, or where we stand. -1 with errno. */
int context_root(struct context *context);
/* ops_cgroup.c: rmdir of what a failed launch made. */
void cgroup_remove_made(const char *path);
/* ops_scope.c: ends the keeper of a scope, if there is one; systemd then removes the scope. */
void keeper_end(struct context *context);
/* Shows in ps and /proc/PID/comm what this process is now: at most 15 bytes (PR_SET_NAME). */
void set_name(const struct context *context, const char *name);
uint64_t nanoseconds(void);

#endif

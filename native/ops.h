/*
 * The table of operations: all that a plan can say (src/isolation/plan.ts tells what each one means).
 * A code is never used again for something else. `launcher --list-ops` prints the table, a test compares it with
 * encode.ts.
 *
 * signature  one letter an argument: s text, b bytes, u unsigned, i signed, l list of texts, n list of u32
 * stages     where the operation is allowed
 * object     the argument that an error names (-1: none)
 * optional   the flag argument that turns an error into a warning (-1: none)
 */
#ifndef OPS_H
#define OPS_H

#include "plan.h"

#define IN_LAUNCHER  (1 << LAUNCHER)
#define IN_PARENT    (1 << PARENT)
#define IN_CONTAINER (1 << CONTAINER)
#define IN_EXIT      (1 << EXIT)
#define ON_HOST      (IN_LAUNCHER | IN_PARENT)

/* clang-format off */
#define OPERATIONS(OP)                                                              \
    OP( 1, log_json,              "suuus",     IN_LAUNCHER,                 0, -1)  \
    OP( 2, listen,                "s",         IN_LAUNCHER,                 0, -1)  \
    OP( 3, exit_record,           "s",         IN_LAUNCHER,                 0, -1)  \
    OP( 4, stdio,                 "uuuuuu",    IN_LAUNCHER,                -1, -1)  \
    OP( 5, open_process,          "uuu",       IN_LAUNCHER,                 1, -1)  \
    OP( 6, setns,                 "uu",        IN_LAUNCHER | IN_CONTAINER,  1, -1)  \
    OP( 7, setns_path,            "su",        IN_CONTAINER,                0, -1)  \
    OP( 8, chroot_process,        "u",         IN_CONTAINER,                0, -1)  \
    OP( 9, clone,                 "u",         IN_LAUNCHER,                 0, -1)  \
    OP(10, unshare,               "u",         IN_CONTAINER,                0, -1)  \
    OP(11, cgroup_create,         "s",         ON_HOST,                     0, -1)  \
    OP(12, cgroup_join,           "s",         ON_HOST | IN_CONTAINER,      0, -1)  \
    OP(13, cgroup_device_program, "sb",        ON_HOST | IN_CONTAINER,      0, -1)  \
    OP(14, write_file,            "ssu",       ON_HOST | IN_CONTAINER,      0,  2)  \
    OP(15, write_proc,            "ssu",       IN_CONTAINER,                0,  2)  \
    OP(16, write_child_proc,      "ss",        IN_PARENT,                   0, -1)  \
    OP(17, netlink,               "sbu",       IN_PARENT | IN_CONTAINER,    0,  2)  \
    OP(18, propagation,           "su",        IN_PARENT | IN_CONTAINER,    0, -1)  \
    OP(19, mount_overlay,         "sssu",      IN_PARENT | IN_CONTAINER,    1, -1)  \
    OP(20, open_root,             "s",         IN_PARENT | IN_CONTAINER,    0, -1)  \
    OP(21, mount,                 "sssusuu",   IN_CONTAINER,                1,  6)  \
    OP(22, bind,                  "sssuuuuuu", IN_PARENT | IN_CONTAINER,    2, -1)  \
    OP(23, mask,                  "s",         IN_CONTAINER,                0, -1)  \
    OP(24, readonly_path,         "s",         IN_CONTAINER,                0, -1)  \
    OP(25, mkdir,                 "suuu",      IN_CONTAINER,                0, -1)  \
    OP(26, mknod,                 "suuuuu",    IN_CONTAINER,                0, -1)  \
    OP(27, symlink,               "ss",        IN_CONTAINER,                1, -1)  \
    OP(28, pty,                   "uuu",       IN_CONTAINER,               -1, -1)  \
    OP(29, pipes,                 "",          IN_CONTAINER,               -1, -1)  \
    OP(30, pivot_root,            "",          IN_CONTAINER,               -1, -1)  \
    OP(31, readonly_root,         "",          IN_CONTAINER,               -1, -1)  \
    OP(32, sethostname,           "s",         IN_CONTAINER,                0, -1)  \
    OP(33, setdomainname,         "s",         IN_CONTAINER,                0, -1)  \
    OP(34, umask,                 "u",         IN_CONTAINER,                0, -1)  \
    OP(35, rlimit,                "uiiu",      IN_CONTAINER,                0,  3)  \
    OP(36, chdir,                 "suuu",      IN_CONTAINER,                0, -1)  \
    OP(37, cap_bounding,          "u",         IN_CONTAINER,               -1, -1)  \
    OP(38, set_user,              "uun",       IN_CONTAINER,                0, -1)  \
    OP(39, capabilities,          "uuuu",      IN_CONTAINER,               -1, -1)  \
    OP(40, no_new_privs,          "",          IN_CONTAINER,               -1, -1)  \
    OP(41, seccomp,               "ub",        IN_CONTAINER,               -1, -1)  \
    OP(42, close_range,           "u",         IN_CONTAINER,                0, -1)  \
    OP(43, init,                  "",          IN_CONTAINER,               -1, -1)  \
    OP(44, execve,                "lls",       IN_CONTAINER,                0, -1)  \
    OP(45, cgroup_kill,           "s",         IN_EXIT,                     0, -1)  \
    OP(46, read_counter,          "sss",       IN_EXIT,                     1, -1)  \
    OP(47, cgroup_remove,         "s",         IN_EXIT,                     0, -1)  \
    OP(48, unlink,                "s",         IN_EXIT,                     0, -1)  \
    OP(49, bind_process,          "uss",       IN_CONTAINER,                2, -1)  \
    OP(50, files,                 "ssuuuu",    IN_CONTAINER,                1, -1)  \
    OP(51, end_with_engine,       "",          IN_LAUNCHER,                -1, -1)  \
    OP(52, own_stdio,             "uu",        IN_LAUNCHER,                -1, -1)  \
    OP(53, enter_child_mounts,    "uu",        IN_PARENT,                  -1, -1)  \
    OP(54, id_map_mount,          "s",         IN_PARENT,                   0, -1)  \
    OP(55, leave_child_mounts,    "",          IN_PARENT,                  -1, -1)  \
    OP(56, hand_over,             "",          IN_CONTAINER,               -1, -1)  \
    OP(57, cgroup_keep,           "ss",        IN_LAUNCHER,                 0, -1)  \
    OP(58, own_proc,              "",          IN_CONTAINER,               -1, -1)  \
    OP(59, child_setns,           "uu",        IN_LAUNCHER,                 1, -1)  \
    OP(60, channel_stdio,         "",          IN_LAUNCHER,                -1, -1)
/* clang-format on */

#define OP_CODE(code, name, ...) OP_##name = code,
enum op_code { OPERATIONS(OP_CODE) };
#undef OP_CODE

struct context;
/* 0, or -1 with errno. */
typedef int op_function(struct context *context, const struct op *op);

struct op_kind {
    uint16_t code;
    const char *name, *signature;
    uint8_t stages;
    int8_t object, optional;
    op_function *run;
};

#define OP_FUNCTION(code, name, ...) op_function op_##name;
OPERATIONS(OP_FUNCTION)
#undef OP_FUNCTION

/* NULL if there is no such operation. */
const struct op_kind *op_kind(uint16_t code);
/* What is wrong with a decoded operation that the signature cannot say, or NULL. */
const char *op_problem(const struct op *op);
/* --list-ops: "code name signature stages" a line; an empty signature is "-". */
void list_ops(void);

#endif

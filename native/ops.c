#include "ops.h"

#include <sched.h>
#include <stdio.h>

const char *op_problem(const struct op *op) {
    const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
    static const char *const file_actions[] = {"stat", "read", "write"};
    switch (op->code) {
    case OP_setns:
        /* In another of the container's namespaces, the launcher would do the host's part of the plan in there. */
        if (op->stage == LAUNCHER && op->arg[1].number != CLONE_NEWPID)
            return "launcher may only enter a pid namespace";
        return op->arg[1].number & ~namespaces ? "flags are more than namespaces" : NULL;
    case OP_child_setns:
        if (op->arg[1].number & ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWPID))
            return "a child is born in another's user and pid namespaces only";
        return op->arg[1].number & CLONE_NEWUSER ? NULL : "without a user namespace, setns does it";
    case OP_clone:
    case OP_unshare:
        /* CLONE_VM or CLONE_PARENT would break what the monitor relies on. */
        return op->arg[0].number & ~namespaces ? "flags are more than namespaces" : NULL;
    case OP_seccomp:
    case OP_cgroup_device_program:
        return op->arg[1].size == 0 || op->arg[1].size % 8 ? "program is not a list of instructions" : NULL;
    case OP_log_json:
        return op->arg[2].number < 1 ? "a log has at least one file" : NULL;
    case OP_files:
        for (size_t i = 0; i < LENGTH(file_actions); i++)
            if (strcmp(op->arg[0].bytes, file_actions[i]) == 0) return NULL;
        return "files knows stat, read and write";
    case OP_execve:
        return op->arg[0].size < 1 ? "execve needs an argv[0]" : NULL;
    default:
        return NULL;
    }
}

static const struct op_kind *table(size_t *length) {
#define OP_KIND(code, name, signature, stages, object, optional)                                                       \
    {code, #name, signature, stages, object, optional, op_##name},
    static const struct op_kind kinds[] = {OPERATIONS(OP_KIND)};
#undef OP_KIND
    *length = LENGTH(kinds);
    return kinds;
}

const struct op_kind *op_kind(uint16_t code) {
    size_t length;
    const struct op_kind *kinds = table(&length);
    for (size_t i = 0; i < length; i++)
        if (kinds[i].code == code) return &kinds[i];
    return NULL;
}

void list_ops(void) {
    static const char *const names[STAGES] = {"launcher", "parent", "container", "exit"};
    size_t length;
    const struct op_kind *kinds = table(&length);
    for (size_t i = 0; i < length; i++) {
        printf("%d %s %s", kinds[i].code, kinds[i].name, kinds[i].signature[0] ? kinds[i].signature : "-");
        char before = ' ';
        for (int stage = 0; stage < STAGES; stage++) {
            if (!(kinds[i].stages & 1 << stage)) continue;
            printf("%c%s", before, names[stage]);
            before = ',';
        }
        printf("\n");
    }
}

#include "plan.h"

#include "ops.h"

#include <sys/mman.h>

enum { HEADER = 12, RECORD_HEAD = 8 };
static const char MAGIC[8] = "CLOCHE\0\1";

static int refuse(struct plan *plan, uint32_t index, const char *problem) {
    plan->problem = problem;
    plan->problem_index = index;
    errno = EINVAL;
    return -1;
}

int plan_read(struct plan *plan, int fd) {
    /* Room for the largest plan and one byte more; pages that are not touched cost nothing. */
    uint8_t *bytes =
        mmap(NULL, MAX_PLAN + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) return refuse(plan, 0, "no memory for the plan");
    plan->bytes = bytes;
    while (plan->size <= MAX_PLAN) {
        ssize_t got = read(fd, bytes + plan->size, MAX_PLAN + 1 - plan->size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse(plan, 0, "cannot read the plan");
        if (got == 0) return plan->size > 0;
        plan->size += (uint32_t)got;
    }
    return refuse(plan, 0, "plan is larger than 4 MiB");
}

static uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t read_u64(const uint8_t *at) {
    return read_u32(at) | (uint64_t)read_u32(at + 4) << 32;
}

/* Splits the record at the cursor. All lengths are compared by subtraction: sums could wrap. Returns a problem or NULL.
 */
static const char *decode(const struct plan *plan, struct cursor *cursor, struct op *op) {
    if (plan->size - cursor->at < RECORD_HEAD) return "record is cut off";
    const uint8_t *head = plan->bytes + cursor->at;
    uint32_t length = read_u32(head);
    if (length > MAX_RECORD) return "record is larger than 1 MiB";
    if (length < 4 || length > plan->size - cursor->at - 4) return "record is cut off";
    *op = (struct op){cursor->index, (uint16_t)(head[4] | head[5] << 8), head[6], head[7], NULL, {{0}}};
    if (op->argc > MAX_ARGUMENTS) return "wrong number of arguments";
    const uint8_t *at = head + RECORD_HEAD, *end = head + 4 + length;
    for (int i = 0; i < op->argc; i++) {
        if (end - at < 4) return "argument is cut off";
        uint32_t size = read_u32(at);
        at += 4;
        if ((size_t)(end - at) < (size_t)size + 1) return "argument is cut off";
        if (at[size] != 0) return "argument does not end in NUL";
        op->arg[i] = (struct argument){(const char *)at, size, size == 8 ? read_u64(at) : 0};
        at += size + 1;
    }
    if (at != end) return "record has bytes after its last argument";
    op->kind = op_kind(op->code);
    cursor->at += 4 + length;
    cursor->index++;
    return NULL;
}

static const char *check_argument(char kind, const struct argument *argument) {
    switch (kind) {
    case 's':
        return strlen(argument->bytes) == argument->size ? NULL : "text has a NUL inside";
    case 'u':
    case 'i':
        return argument->size == 8 ? NULL : "number is not 8 bytes";
    case 'l':
        return argument->size == 0 || argument->bytes[argument->size - 1] == 0 ? NULL : "list does not end in NUL";
    case 'n':
        return argument->size % 4 == 0 ? NULL : "list of numbers is not a multiple of 4 bytes";
    case 'b':
        return NULL;
    default:
        return "unknown signature";
    }
}

static const char *check_op(const struct op *op) {
    if (!op->kind) return "unknown operation";
    if (op->stage >= STAGES || !(op->kind->stages & 1 << op->stage)) return "operation is not allowed in its stage";
    if (op->argc != strlen(op->kind->signature)) return "wrong number of arguments";
    for (int i = 0; i < op->argc; i++) {
        const char *problem = check_argument(op->kind->signature[i], &op->arg[i]);
        if (problem) return problem;
    }
    return op_problem(op);
}

/* What must be there exactly once, and last in its stage. */
struct seen {
    int stdio, clone, streams, execve;
    bool channel, files;
    enum stage stage;
};

static const char *check_order(struct seen *seen, const struct op *op) {
    if (op->stage < seen->stage) return "stages are out of order";
    seen->stage = op->stage;
    if ((seen->clone && op->stage == LAUNCHER) || (seen->execve && op->stage == CONTAINER))
        return "nothing may follow clone or execve in its stage";
    seen->stdio += op->code == OP_stdio;
    seen->clone += op->code == OP_clone;
    seen->streams += op->code == OP_pty || op->code == OP_pipes;
    seen->channel |= op->code == OP_channel_stdio;
    seen->files |= op->code == OP_files;
    seen->execve += op->code == OP_execve || op->code == OP_files;
    return NULL;
}

int plan_check(struct plan *plan) {
    if (plan->size < HEADER || memcmp(plan->bytes, MAGIC, 7) != 0) return refuse(plan, 0, "not a plan");
    if (plan->bytes[7] != (uint8_t)MAGIC[7]) return refuse(plan, 0, "plan version is not 1");
    plan->count = read_u32(plan->bytes + 8);
    if (plan->count > MAX_RECORDS) return refuse(plan, 0, "more than 4096 records");
    struct cursor cursor = {HEADER, 0};
    struct seen seen = {0};
    struct op op;
    for (int stage = 0; stage < STAGES; stage++) plan->first[stage] = (struct cursor){plan->size, plan->count};
    while (cursor.index < plan->count) {
        struct cursor here = cursor;
        const char *problem = decode(plan, &cursor, &op);
        if (!problem) problem = check_op(&op);
        if (!problem) problem = check_order(&seen, &op);
        if (problem) return refuse(plan, here.index, problem);
        if (here.index < plan->first[op.stage].index) plan->first[op.stage] = here;
    }
    if (cursor.at != plan->size) return refuse(plan, plan->count, "bytes after the last record");
    if (seen.stdio != 1 || seen.clone != 1 || seen.streams != 1 || seen.execve != 1)
        return refuse(plan, plan->count, "stdio, clone, pty or pipes, and execve or files must each be there once");
    /* A program's bytes would be read as records. */
    if (seen.channel != seen.files) return refuse(plan, plan->count, "channel_stdio is for files, and files for it");
    return 0;
}

bool plan_next(const struct plan *plan, enum stage stage, struct cursor *cursor, struct op *op) {
    return cursor->index < plan->count && decode(plan, cursor, op) == NULL && op->stage == stage;
}

void plan_keep_exit(struct plan *plan) {
    uint32_t from = plan->first[EXIT].at, size = plan->size - from;
    uint8_t *rest = malloc(size + 1);
    if (!rest) abort();
    memcpy(rest, plan->bytes + from, size);
    munmap((void *)plan->bytes, MAX_PLAN + 1);
    plan->bytes = rest;
    plan->size = size;
    plan->first[EXIT].at = 0;
}

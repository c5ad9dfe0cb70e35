/*
 * The plan as it comes in on fd 3 (docs/protocol.md):
 *
 *     "CLOCHE\0" version(1) | u32 count | record ...
 *     record    u32 length | u16 code | u8 stage | u8 argc | argument ...
 *     argument  u32 length | bytes | NUL
 *
 * It stays in one mapping; operations are decoded from it where they stand, each time they are needed.
 */
#ifndef PLAN_H
#define PLAN_H

#include "base.h"

enum stage { LAUNCHER, PARENT, CONTAINER, EXIT, STAGES };

enum { MAX_PLAN = 4 << 20, MAX_RECORD = 1 << 20, MAX_RECORDS = 4096, MAX_ARGUMENTS = 9 };

struct argument {
    const char *bytes; /* followed by a NUL, so that a text is a C string */
    uint32_t size;
    uint64_t number; /* of kinds u and i */
};

struct op_kind;
struct op {
    uint32_t index; /* place in the plan */
    uint16_t code;
    uint8_t stage, argc;
    const struct op_kind *kind;
    struct argument arg[MAX_ARGUMENTS];
};

struct cursor {
    uint32_t at, index;
};

struct plan {
    const uint8_t *bytes;
    uint32_t size, count;
    struct cursor first[STAGES]; /* where each stage begins */
    const char *problem;         /* why the plan was refused */
    uint32_t problem_index;
};

/* Reads to the end of file. 1: read; 0: end of file and no plan at all; -1: refused, see problem. */
int plan_read(struct plan *plan, int fd);
/* Checks all of it before anything is done: -1 if refused, see problem. */
int plan_check(struct plan *plan);
/* Decodes the record at the cursor if it belongs to the stage, and steps on. */
bool plan_next(const struct plan *plan, enum stage stage, struct cursor *cursor, struct op *op);
/* Leaves only stage exit in memory: the monitor lives long and should be small. */
void plan_keep_exit(struct plan *plan);

#endif

#include "report.h"

#include "ops.h"

#include <stdio.h>

void report(const struct text *line) {
    if (write_all(EVENTS_FD, line->at, line->length) < 0) return; /* the engine is gone */
}

static void add_object(struct text *line, const struct op *op) {
    int object = op->kind->object;
    if (object < 0) return;
    const struct argument *argument = &op->arg[object];
    if (strchr("ui", op->kind->signature[object]))
        text_number(line, (int64_t)argument->number);
    else
        text_json(line, argument->bytes, strlen(argument->bytes)); /* of a list: its first text */
}

static void begin(struct text *line, const char *event, const struct op *op) {
    text_word(line, "{\"event\":\"");
    text_word(line, event);
    text_word(line, "\",\"index\":");
    text_number(line, op->index);
    text_word(line, ",\"op\":\"");
    text_word(line, op->kind->name);
    text_word(line, "\",\"object\":\"");
    add_object(line, op);
    text_word(line, "\",\"errno\":");
}

void report_op(const char *event, const struct op *op, int error) {
    struct text line = {0};
    begin(&line, event, op);
    text_number(&line, error);
    text_word(&line, "}\n");
    report(&line);
    text_free(&line);
}

void report_killed(const struct op *op, int signal) {
    struct text line = {0};
    begin(&line, "error", op);
    text_word(&line, "0,\"signal\":");
    text_number(&line, signal);
    text_word(&line, "}\n");
    report(&line);
    text_free(&line);
}

void report_refused(const struct plan *plan) {
    struct text line = {0};
    text_word(&line, "{\"event\":\"error\",\"index\":");
    text_number(&line, plan->problem_index);
    text_word(&line, ",\"op\":\"plan\",\"object\":\"");
    text_json(&line, plan->problem, strlen(plan->problem));
    text_word(&line, "\",\"errno\":");
    text_number(&line, EINVAL);
    text_word(&line, "}\n");
    report(&line);
    text_free(&line);
}

void report_started(const struct context *context) {
    struct text line = {0};
    text_word(&line, "{\"event\":\"started\",\"pid\":");
    text_number(&line, context->child);
    text_word(&line, ",\"startTime\":");
    text_number(&line, (int64_t)start_time(context->child));
    text_word(&line, ",\"monitor\":");
    text_number(&line, getpid());
    text_word(&line, ",\"us\":[");
    const char *before = "[";
    for (uint32_t i = 0; i < context->plan.count; i++) {
        if (!context->progress->op[i].done) continue;
        text_word(&line, before);
        text_number(&line, i);
        text_word(&line, ",");
        text_number(&line, context->progress->op[i].microseconds);
        text_word(&line, "]");
        before = ",[";
    }
    text_word(&line, "]}\n");
    report(&line);
    text_free(&line);
}

void exit_text(struct text *text, const struct monitor *monitor) {
    text_word(text, "{\"event\":\"exit\",\"exitCode\":");
    text_number(text, monitor->exit_signal ? 128 + monitor->exit_signal : monitor->exit_code);
    text_word(text, ",\"signal\":");
    text_number(text, monitor->exit_signal);
    text_word(text, ",\"counters\":{");
    text_add(text, monitor->counters.at, monitor->counters.length);
    text_word(text, "},\"finishedAt\":\"");
    text_time(text, &monitor->finished);
    text_word(text, "\"}\n");
}

uint64_t start_time(pid_t pid) {
    char path[32], line[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
    if (length <= 0) return 0;
    line[length] = 0;
    /* The name, field 2, may hold spaces and brackets: count from the last ')', which ends it. */
    char *at = strrchr(line, ')');
    for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* Events for the engine: one JSON object a line on fd 4. A gone engine is no error: the exit record will tell it. */
#ifndef REPORT_H
#define REPORT_H

#include "context.h"

/* "error" or "warning" of an operation. */
void report_op(const char *event, const struct op *op, int error);
/* The child died before execve without telling why: killed, for instance for memory. */
void report_killed(const struct op *op, int signal);
void report_refused(const struct plan *plan);
void report_started(const struct context *context);
/* The object of the exit event and of the exit record, with its line end. */
void exit_text(struct text *text, const struct monitor *monitor);
void report(const struct text *line);

/* Field 22 of /proc/PID/stat; 0 with errno if there is no such process. */
uint64_t start_time(pid_t pid);

#endif

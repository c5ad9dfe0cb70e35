/* A process that forks launchers: to fork this small one takes a fraction of what forking a whole engine does. */
#ifndef SERVE_H
#define SERVE_H

#include <stddef.h>

/*
 * For each byte on fd 0: connect twice to the unix socket at `path` (first what serves as fd 3 and 4, then fd 5), fork, and be
 * a launcher in the child. Ends at end of file, or when nobody listens any more. title: argv[0], with `room` bytes
 * that ps shows. Returns an exit status; in a child, the launcher's.
 */
int serve(char *title, size_t room, const char *path);

#endif

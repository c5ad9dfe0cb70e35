/* A process that forks launchers: to fork this small one takes a fraction of what forking a whole engine does. */
#ifndef SERVE_H
#define SERVE_H

/*
 * For each byte on fd 0: connect twice to the unix socket at `path` (first what serves as fd 3 and 4, then fd 5), fork, and be
 * a launcher in the child. Ends at end of file, or when nobody listens any more. Returns an exit status; in a child, the launcher's.
 */
int serve(char *title, const char *path);

#endif

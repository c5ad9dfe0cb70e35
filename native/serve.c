#include "serve.h"

#include "base.h"
#include "context.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) return -1;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) return fd;
    close(fd);
    return -1;
}

/* The descriptors that a launcher expects. The connections come in above them: 3, 4 and 5 are held by /dev/null until then. */
static bool take_places(int control, int channel) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    return null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(control, PLAN_FD) == PLAN_FD &&
           dup2(control, EVENTS_FD) == EVENTS_FD && dup2(channel, CHANNEL_FD) == CHANNEL_FD;
}

/* Whatever the engine's descriptors were, a launcher's own numbers are taken before any connection is made. */
static bool hold_places(void) {
    for (int fd = PLAN_FD; fd <= CHANNEL_FD; fd++) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0 || (null != fd && dup3(null, fd, O_CLOEXEC) != fd)) return false;
    }
    return true;
}

int serve(char *title, size_t room, const char *path) {
    char byte;
    if (!hold_places()) return 1;
    prctl(PR_SET_NAME, "cloche:launcher");
    signal(SIGCHLD, SIG_IGN); /* monitors are nobody's zombies here */
    while (read(STDIN_FILENO, &byte, 1) == 1) {
        CLEANUP_FD int control = connect_to(path);
        CLEANUP_FD int channel = connect_to(path);
        if (control < 0 || channel < 0) return 1;
        pid_t child = fork();
        if (child < 0) return 1; /* the engine sees us end, and asks another one */
        if (child > 0) continue;
        signal(SIGCHLD, SIG_DFL);
        return take_places(control, channel) ? launch(title, room) : 1;
    }
    return 0;
}

/* rtnetlink(7): the messages come ready made, here they are sent one by one, each after the answer to the one before.
 */
#include "context.h"
#include "ops.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

/* The kernel's answer: an error message, whose number 0 means done (NLM_F_ACK). */
static int wait_answer(int fd, uint32_t sequence) {
    _Alignas(struct nlmsghdr) char bytes[8192];
    for (;;) {
        ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        for (struct nlmsghdr *answer = (struct nlmsghdr *)bytes; NLMSG_OK(answer, got);
             answer = NLMSG_NEXT(answer, got)) {
            if (answer->nlmsg_type != NLMSG_ERROR || answer->nlmsg_seq != sequence) continue;
            struct nlmsgerr *error = NLMSG_DATA(answer);
            if (error->error == 0) return 0;
            return errno = -error->error, -1;
        }
    }
}

static int send_all(int fd, const struct argument *messages) {
    struct nlmsghdr header;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    for (uint32_t at = 0; at < messages->size; at += NLMSG_ALIGN(header.nlmsg_len)) {
        if (messages->size - at < sizeof(header)) return errno = EBADMSG, -1;
        memcpy(&header, messages->bytes + at, sizeof(header));
        uint32_t left = messages->size - at;
        bool whole = header.nlmsg_len >= sizeof(header) && header.nlmsg_len <= left;
        if (!whole || !(header.nlmsg_flags & NLM_F_ACK)) return errno = EBADMSG, -1;
        const char *message = messages->bytes + at;
        if (sendto(fd, message, header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) return -1;
        if (wait_answer(fd, header.nlmsg_seq) < 0) return -1;
        if (NLMSG_ALIGN(header.nlmsg_len) > left) break;
    }
    return 0;
}

/* Messages of stage parent name the container's network namespace by a fixed descriptor (IFLA_NET_NS_FD). */
static int open_container_netns(const struct context *context) {
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d/ns/net", context->child);
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -1 : dup3(fd, CONTAINER_NETNS_FD, O_CLOEXEC);
}

int op_netlink(struct context *context, const struct op *op) {
    CLEANUP_FD int netns = op->stage == PARENT ? open_container_netns(context) : -1;
    if (op->stage == PARENT && netns < 0) return -1;
    CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return fd < 0 ? -1 : send_all(fd, &op->arg[1]);
}

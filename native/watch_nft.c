#include "watch_nft.h"

#include "base.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { GENERATION = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN };

static int failed(const char *what) {
    dprintf(STDERR_FILENO, "%s: %s\n", what, strerror(errno));
    return 1;
}

static int listen_to_nftables(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1u << (NFNLGRP_NFTABLES - 1)};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0) return fd;
    close(fd);
    return -1;
}

/* Each transaction ends with one such message; kernels from 4.14 on say who it was. 0: this one does not. */
static uint32_t maker(const struct nlmsghdr *message) {
    const char *at = (const char *)NLMSG_DATA(message) + NLMSG_ALIGN(sizeof(struct nfgenmsg));
    const char *end = (const char *)message + message->nlmsg_len;
    while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
        struct nlattr attribute;
        uint32_t value;
        memcpy(&attribute, at, sizeof(attribute));
        if (attribute.nla_len < sizeof(attribute) || attribute.nla_len > end - at) break;
        if ((attribute.nla_type & NLA_TYPE_MASK) == NFTA_GEN_PROC_PID &&
            attribute.nla_len == sizeof(attribute) + sizeof(value)) {
            memcpy(&value, at + sizeof(attribute), sizeof(value));
            return ntohl(value);
        }
        at += NLA_ALIGN(attribute.nla_len);
    }
    return 0;
}

/* All that is there now. -1 with errno when there will be no more. */
static int tell(int fd) {
    static char block[64 << 10];
    for (;;) {
        ssize_t got = recv(fd, block, sizeof(block), 0);
        if (got < 0 && errno == ENOBUFS) {
            dprintf(STDOUT_FILENO, "0\n");
            continue;
        }
        if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
        size_t left = (size_t)got;
        for (struct nlmsghdr *message = (struct nlmsghdr *)block; NLMSG_OK(message, left);
             message = NLMSG_NEXT(message, left))
            if (message->nlmsg_type == GENERATION) dprintf(STDOUT_FILENO, "%u\n", maker(message));
    }
}

int watch_nft(void) {
    CLEANUP_FD int fd = listen_to_nftables();
    if (fd < 0) return failed("listening to nftables");
    prctl(PR_SET_NAME, "cloche:watch");
    dprintf(STDOUT_FILENO, "0\n");
    struct pollfd both[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    for (;;) {
        if (poll(both, LENGTH(both), -1) < 0 && errno != EINTR) return failed("poll");
        if (both[0].revents) return 0;
        if (both[1].revents && tell(fd) < 0) return failed("listening to nftables");
    }
}

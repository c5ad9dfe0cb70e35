/**
 * System calls that a container may make whatever its capabilities are: those that act on what the process owns or
 * that the kernel guards by its own permission checks. Grouped by what they are for; one name per call and ABI.
 */
export const harmlessCalls: string[] = names(`
  # files by path or descriptor
  access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
  fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync flock fstat
  fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 ioctl lchown
  lchown32 link linkat _llseek lseek lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat
  openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename
  renameat renameat2 rmdir sendfile sendfile64 splice stat stat64 statfs statfs64 statx symlink symlinkat sync
  sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice
  write writev cachestat listmount statmount
  # extended attributes
  fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat llistxattr
  lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat
  # waiting for and being told of events
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2
  fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch _newselect poll ppoll ppoll_time64
  pselect6 pselect6_time64 select io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
  io_submit
  # memory
  brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect
  mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages
  # processes and threads
  execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake getcpu
  get_robust_list get_thread_area gettid getpgid getpgrp getpid getppid getpriority getrusage getsid ioprio_get
  ioprio_set pidfd_open prctl restart_syscall rseq sched_getaffinity sched_getattr sched_getparam sched_get_priority_max
  sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity
  sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address setpgid
  setpriority setsid uretprobe vfork wait4 waitid waitpid riscv_hwprobe
  # signals
  kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack signalfd signalfd4 sigprocmask sigreturn tgkill
  tkill
  # identity, limits and sandboxes of one's own
  capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32
  getresuid getresuid32 getrlimit getuid getuid32 landlock_add_rule landlock_create_ruleset landlock_restrict_self
  prlimit64 seccomp setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32
  setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setuid setuid32 ugetrlimit
  # clocks and timers; setting the clock is CAP_SYS_TIME's, adjtimex and clock_adjtime read it too
  adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 times
  # the system as everybody may see it
  getrandom sysinfo uname
  # sockets, once they are made (socket itself depends on the address family)
  accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg
  send sendmmsg sendmsg sendto setsockopt shutdown socketpair
  # System V and POSIX IPC
  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
  msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
`);

/** Calls that come with a capability: who may do the thing may call for it. */
export const callsOfCapability: Readonly<Record<string, string[]>> = {
  BPF: names("bpf"),
  DAC_READ_SEARCH: names("open_by_handle_at"),
  PERFMON: names("perf_event_open"),
  SYS_ADMIN: names(`
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
    lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
    sethostname setns syslog umount umount2 unshare
  `),
  SYS_BOOT: names("reboot"),
  SYS_CHROOT: names("chroot"),
  SYS_MODULE: names("delete_module finit_module init_module"),
  SYS_NICE: names("get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
  SYS_PACCT: names("acct"),
  SYS_PTRACE: names("kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
  SYS_RAWIO: names("ioperm iopl"),
  SYS_TIME: names("clock_settime clock_settime64 settimeofday stime"),
  SYS_TTY_CONFIG: names("vhangup"),
  SYSLOG: names("syslog"),
};

/** Calls that only some machines have, by Go's names of their architectures. */
export const callsOfArchitecture: readonly { arches: string[]; names: string[] }[] = [
  {
    arches: ["arm", "arm64"],
    names: names("arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2"),
  },
  { arches: ["amd64", "x32"], names: names("arch_prctl") },
  { arches: ["amd64", "x32", "x86"], names: names("modify_ldt") },
];

function names(text: string): string[] {
  const withoutComments = text.replace(/#.*$/gm, "");
  return withoutComments.trim().split(/\s+/);
}

#define _GNU_SOURCE
#include "Attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int error_of(long result) { return result >= 0 ? 0 : errno; }

/// Frees the places that an attempt may need: code that has taken over would.
static void make_room(void) {
    close(0);
    close(1);
}

// MARK: 14, 15: files and processes

static int reads(const char *path) {
    make_room();
    const int file = open(path, O_RDONLY);
    if (file < 0) return errno;
    char byte;
    return read(file, &byte, 1) == 1 ? 0 : errno != 0 ? errno : ENODATA;
}

static int read_passwd(const struct target *target) { return (void)target, reads("/etc/passwd"); }
static int read_file(const struct target *target) { return reads(target->file); }
static int read_binary(const struct target *target) { return (void)target, reads("/proc/self/exe"); }
static int read_environment(const struct target *target) { return (void)target, reads("/proc/self/environ"); }
static int read_maps(const struct target *target) { return (void)target, reads("/proc/self/maps"); }

static int list_root(const struct target *target) {
    (void)target;
    make_room();
    const int folder = open("/", O_RDONLY | O_DIRECTORY);
    if (folder < 0) return errno;
    char entries[4096];
    const long size = syscall(SYS_getdents64, folder, entries, sizeof(entries));
    if (size < 0) return errno;
    // An empty folder has itself and its parent.
    return size > 64 ? 0 : ENOENT;
}

static int read_parent(const struct target *target) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)target->parent);
    return reads(path);
}

static int enter_parent(const struct target *target) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/root/etc/passwd", (int)target->parent);
    return reads(path);
}

static int write_file(const struct target *target) {
    make_room();
    const int file = open(target->file, O_WRONLY | O_APPEND);
    if (file < 0) return errno;
    return error_of(write(file, "x", 1));
}

static int create_file(const struct target *target) {
    (void)target;
    make_room();
    const int file = open("/tmp/grapnel-escape", O_WRONLY | O_CREAT, 0600);
    if (file < 0) return errno;
    return error_of(write(file, "x", 1));
}

// MARK: 16: other processes

static int trace_parent(const struct target *target) {
    const int error = error_of(ptrace(PTRACE_ATTACH, target->parent, NULL, NULL));
    if (error == 0) ptrace(PTRACE_DETACH, target->parent, NULL, NULL);
    return error;
}

static int read_parent_memory(const struct target *target) {
    static const char here[] = "a place that is at the same address in the parent";
    char bytes[8];
    const struct iovec mine = {bytes, sizeof(bytes)}, theirs = {(void *)here, sizeof(bytes)};
    return error_of(process_vm_readv(target->parent, &mine, 1, &theirs, 1, 0));
}

static int take_parent_descriptor(const struct target *target) {
    make_room();
    const long process = syscall(SYS_pidfd_open, target->parent, 0);
    if (process < 0) return errno;
    return error_of(syscall(SYS_pidfd_getfd, process, 2, 0));
}

static int signal_parent(const struct target *target) { return error_of(kill(target->parent, 0)); }

static int signal_everyone(const struct target *target) {
    (void)target;
    return error_of(kill(-1, 0));
}

// MARK: 17: the network

static int connects(int family, const void *address, socklen_t size) {
    make_room();
    const int file = socket(family, SOCK_STREAM, 0);
    if (file < 0) return errno;
    return error_of(connect(file, address, size));
}

static int connect_inet(const struct target *target) {
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(target->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connects(AF_INET, &address, sizeof(address));
}

static int connect_inet6(const struct target *target) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(target->port)};
    // The loopback's IPv4 address, as IPv6 writes it.
    address.sin6_addr.s6_addr[10] = address.sin6_addr.s6_addr[11] = 255;
    address.sin6_addr.s6_addr[12] = 127;
    address.sin6_addr.s6_addr[15] = 1;
    return connects(AF_INET6, &address, sizeof(address));
}

static int send_datagram(const struct target *target) {
    make_room();
    const int file = socket(AF_INET, SOCK_DGRAM, 0);
    if (file < 0) return errno;
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(target->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return error_of(sendto(file, "x", 1, 0, (const struct sockaddr *)&address, sizeof(address)));
}

static int connect_abstract(const struct target *target) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(target->abstract_socket);
    memcpy(address.sun_path + 1, target->abstract_socket, length);
    return connects(AF_UNIX, &address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));
}

static int connect_unix(const struct target *target) {
    (void)target;
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/docker.sock"};
    return connects(AF_UNIX, &address, sizeof(address));
}

static int list_interfaces(const struct target *target) {
    (void)target;
    make_room();
    const int file = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (file < 0) return errno;
    struct {
        struct nlmsghdr header;
        struct rtgenmsg body;
    } request = {
        {.nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        {.rtgen_family = AF_UNSPEC}};
    if (send(file, &request, sizeof(request), 0) < 0) return errno;
    static char answer[32768];
    const ssize_t size = recv(file, answer, sizeof(answer), 0);
    if (size < 0) return errno;
    int links = 0;
    int left = (int)size;
    for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
        if (header->nlmsg_type == RTM_NEWLINK) links++;
    }
    // A namespace of one's own has the loopback, and devices that every namespace is born with, all of them down.
    return links > 16 ? 0 : ENODEV;
}

static int open_packet_socket(const struct target *target) {
    (void)target;
    make_room();
    return error_of(socket(AF_PACKET, SOCK_RAW, 0));
}

static int open_vsock(const struct target *target) {
    (void)target;
    make_room();
    const int file = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (file < 0) return errno;
    const struct {
        unsigned short family, reserved;
        unsigned port, peer;
        unsigned char zero[4];
    } address = {AF_VSOCK, 0, 1, 2, {0}};
    return error_of(connect(file, (const struct sockaddr *)&address, sizeof(address)));
}

// MARK: 18: programs and processes

static int execute(const struct target *target) {
    (void)target;
    char *const arguments[] = {(char *)"true", NULL}, *const environment[] = {NULL};
    execve("/bin/true", arguments, environment);
    return errno;
}

/// A process that says something when the isolate is gone has survived it.
static int outlives(pid_t child) {
    if (child < 0) return errno;
    if (child == 0) {
        const struct timespec moment = {.tv_nsec = 300000000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
        if (write(3, "survived\n", 9) < 0) _exit(1);
        _exit(0);
    }
    return EINPROGRESS;
}

static int fork_on(const struct target *target) { return (void)target, outlives((pid_t)syscall(SYS_fork)); }

static int clone_on(const struct target *target) {
    (void)target;
    return outlives((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int clone3_on(const struct target *target) {
    (void)target;
    uint64_t arguments[8] = {0};
    arguments[4] = SIGCHLD;
    return outlives((pid_t)syscall(SYS_clone3, arguments, sizeof(arguments)));
}

// MARK: 19: code from memory

static int map_code(const struct target *target) {
    (void)target;
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : 0;
}

static int protect_code(const struct target *target) {
    (void)target;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return errno;
    return error_of(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int run_memory_file(const struct target *target) {
    (void)target;
    make_room();
    signal(SIGXFSZ, SIG_IGN);
    const int file = (int)syscall(SYS_memfd_create, "code", 0u);
    if (file < 0) return errno;
    static const char script[] = "#!/bin/true\n";
    if (write(file, script, sizeof(script) - 1) < 0) return errno;
    char *const none[] = {(char *)"true", NULL};
    syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH);
    return errno;
}

// MARK: 20: the kernel's other doors

static int set_up_ring(const struct target *target) {
    (void)target;
    make_room();
    char parameters[256] = {0};
    // Without a place for its descriptor there is no ring.
    return error_of(syscall(SYS_io_uring_setup, 4, parameters));
}

static int load_bpf(const struct target *target) {
    (void)target;
    make_room();
    char attributes[128] = {0};
    attributes[0] = 1;
    attributes[4] = 4;
    attributes[8] = 4;
    attributes[12] = 1;
    return error_of(syscall(SYS_bpf, 0, attributes, sizeof(attributes)));
}

static int handle_faults(const struct target *target) {
    (void)target;
    make_room();
    return error_of(syscall(SYS_userfaultfd, 0));
}

static int watch_events(const struct target *target) {
    make_room();
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes)};
    return error_of(syscall(SYS_perf_event_open, &attributes, target->parent, -1, -1, 0));
}

static int read_keys(const struct target *target) {
    (void)target;
    char keys[256];
    // The session's keyring of who started the hub.
    const long size = syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, keys, sizeof(keys));
    if (size < 0) return errno;
    return size > 0 ? 0 : ENOKEY;
}

static int mount_devices(const struct target *target) {
    (void)target;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return errno;
    return error_of(mount("none", "/", "devtmpfs", 0, NULL));
}

static int join_parent(const struct target *target) {
    make_room();
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)target->parent);
    const int file = open(path, O_RDONLY);
    if (file < 0) return errno;
    return error_of(setns(file, 0));
}

static int load_module(const struct target *target) {
    (void)target;
    return error_of(syscall(SYS_finit_module, 3, "", 0));
}

static int set_host_name(const struct target *target) {
    (void)target;
    // In a namespace of its own it renames nobody else's host; it still must not.
    return error_of(sethostname("taken", 5));
}

// MARK: 21: other ways to call

#if defined(__x86_64__)
static int call_by_interrupt(const struct target *target) {
    (void)target;
    make_room();
    // The 32-bit interface takes addresses of 32 bits.
    char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (path == MAP_FAILED) return errno;
    strcpy(path, "/etc/passwd");
    long result;
    // open, by its number there.
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"(path), "c"(O_RDONLY) : "memory");
    return result >= 0 ? 0 : (int)-result;
}

static int call_by_x32(const struct target *target) {
    (void)target;
    make_room();
    return error_of(syscall(0x40000000 + SYS_open, "/etc/passwd", O_RDONLY));
}
#endif

// MARK: 22, 24: what is left over

static int find_descriptors(const struct target *target) {
    (void)target;
    char byte;
    for (int file = 4; file < 1024; file++) {
        if (read(file, &byte, 0) == 0 || errno != EBADF) return 0;
    }
    return EBADF;
}

static int write_standard_error(const struct target *target) {
    (void)target;
    // Where it would be read among the hub's own lines. Nobody stops it, but nobody reads it either.
    if (write(2, "escaped-to-standard-error\n", 26) < 0) return errno;
    return EPIPE;
}

static int dump_core(const struct target *target) {
    (void)target;
    signal(SIGABRT, SIG_DFL);
    kill(getpid(), SIGABRT);
    // The first process of a namespace is not ended by its own signals.
    __builtin_trap();
}

static int attach_segment(const struct target *target) {
    const int segment = shmget(target->segment, 0, 0);
    return segment < 0 ? errno : error_of((long)shmat(segment, NULL, SHM_RDONLY));
}

static int open_shared_memory(const struct target *target) {
    (void)target;
    make_room();
    const int file = open("/dev/shm/grapnel-escape", O_RDWR | O_CREAT, 0600);
    return file < 0 ? errno : 0;
}

static int raise_limits(const struct target *target) {
    (void)target;
    const uint64_t endless[2] = {~0ull, ~0ull};
    return error_of(syscall(SYS_prlimit64, 0, 2 /* RLIMIT_DATA */, endless, NULL));
}

static int take_over_handlers(const struct target *target) {
    // Whoever could handle a forbidden call could go on after it.
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        unsigned long mask;
    } action = {SIG_IGN, 0, NULL, 0};
    if (syscall(SYS_rt_sigaction, SIGSYS, &action, NULL, 8) != 0) return errno;
    return connect_inet(target);
}

const struct attempt attempts[] = {
    {"14 read /etc/passwd", read_passwd, 0},
    {"14 read a file by its path", read_file, 0},
    {"14 write a file", write_file, 0},
    {"14 create a file", create_file, 0},
    {"14 read the program", read_binary, 0},
    {"14 list the root", list_root, 0},
    {"15 read its environment", read_environment, 0},
    {"15 read its maps", read_maps, 0},
    {"15 read the parent's environment", read_parent, 0},
    {"15 enter the parent's root", enter_parent, 0},
    {"16 trace the parent", trace_parent, 0},
    {"16 read the parent's memory", read_parent_memory, 0},
    {"16 take the parent's descriptor", take_parent_descriptor, 0},
    {"16 signal the parent", signal_parent, 0},
    {"16 signal everyone", signal_everyone, 0},
    {"17 connect over IPv4", connect_inet, 0},
    {"17 connect over IPv6", connect_inet6, 0},
    {"17 send a datagram", send_datagram, 0},
    {"17 connect to an abstract socket", connect_abstract, 0},
    {"17 connect to a socket's path", connect_unix, 0},
    {"17 list interfaces", list_interfaces, 0},
    {"17 open a packet socket", open_packet_socket, 0},
    {"17 connect to the machine's host", open_vsock, 0},
    {"18 execute a program", execute, 0},
    {"18 fork and outlive", fork_on, 0},
    {"18 clone and outlive", clone_on, 0},
    {"18 clone3 and outlive", clone3_on, 0},
    {"19 map a page of code", map_code, 1},
    {"19 make a page code", protect_code, 1},
    {"19 execute a file in memory", run_memory_file, 0},
    {"20 io_uring", set_up_ring, 0},
    {"20 bpf", load_bpf, 0},
    {"20 userfaultfd", handle_faults, 0},
    {"20 perf_event_open", watch_events, 0},
    {"20 read the session's keys", read_keys, 0},
    {"20 mount devices", mount_devices, 0},
    {"20 join the parent's namespaces", join_parent, 0},
    {"20 load a module", load_module, 0},
    {"20 name the host", set_host_name, 0},
#if defined(__x86_64__)
    {"21 call by interrupt", call_by_interrupt, 0},
    {"21 call by the x32 numbers", call_by_x32, 0},
#endif
    {"22 find inherited descriptors", find_descriptors, 0},
    {"22 write among the hub's lines", write_standard_error, 0},
    {"24 leave a core", dump_core, 0},
    {"24 attach a shared segment", attach_segment, 0},
    {"24 open shared memory", open_shared_memory, 0},
    {"24 raise its limits", raise_limits, 0},
    {"24 handle forbidden calls itself", take_over_handlers, 0},
};
const size_t attempts_count = sizeof(attempts) / sizeof(attempts[0]);

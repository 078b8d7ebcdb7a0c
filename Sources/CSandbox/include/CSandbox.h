#ifndef GRAPNEL_CSANDBOX_H
#define GRAPNEL_CSANDBOX_H

// What Swift cannot call or should not: fork, descriptor passing, namespaces, limits and system call filters.
// Nothing here allocates after a fork but what libseccomp does before it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "CSandboxProgram.h"

/// The layers of the sandbox, in the order in which a child takes them on.
enum grapnel_layer {
    GRAPNEL_LAYER_USER_NAMESPACE,
    GRAPNEL_LAYER_PROCESS_NAMESPACE,
    GRAPNEL_LAYER_MOUNT_NAMESPACE,
    GRAPNEL_LAYER_NETWORK_NAMESPACE,
    GRAPNEL_LAYER_IPC_NAMESPACE,
    GRAPNEL_LAYER_CAPABILITIES,
    GRAPNEL_LAYER_RESOURCE_LIMITS,
    GRAPNEL_LAYER_MEMORY_LIMIT,
    GRAPNEL_LAYER_CPU_TIMER,
    GRAPNEL_LAYER_NO_NEW_PRIVILEGES,
    GRAPNEL_LAYER_UNDUMPABLE,
    GRAPNEL_LAYER_LANDLOCK,
    GRAPNEL_LAYER_SECCOMP,
    GRAPNEL_LAYER_COUNT
};

/// How an isolate ends itself.
enum grapnel_exit {
    /// It has used up its processor time.
    GRAPNEL_EXIT_CPU = 152,
    /// It made a system call that is not allowed, and said which in a frame of the kind below.
    GRAPNEL_EXIT_SYSCALL = 159,
};

/// The kind of the frame that names a forbidden system call by its number (u32).
enum { GRAPNEL_FRAME_FORBIDDEN = 19 };

// MARK: Both sides

/// Sends one message with an optional descriptor (-1: none) over a sequenced-packet socket. 0, or an error number.
int grapnel_send_message(int socket, const void *bytes, size_t count, int descriptor);

/// Receives one message; `*descriptor` is -1 when it carries none. The count, 0 at the end, or a negative error number.
ssize_t grapnel_receive_message(int socket, void *bytes, size_t capacity, int *descriptor);

// MARK: Hub

/// Starts the zygote `path` with its control socket on descriptor 3, /dev/null on 0 and 1, and only `environment`
/// (NULL-terminated). Fills in the process and the hub's end of the socket. 0, or an error number.
int grapnel_spawn_zygote(const char *path, char *const environment[], pid_t *process, int *control);

/// Writes the name of a system call of this machine into `name`; false when there is none with this number.
bool grapnel_name_of_call(int number, char *name, size_t capacity);

/// A descriptor by which one thread wakes another from polling; write and read 8 bytes. Negative: an error number.
int grapnel_wakeup(void);

// A descriptor that is ready: the number it is watched under, and what for.
typedef struct {
    uint64_t subject;
    bool readable;
    bool writable;
} grapnel_ready;

// A set of descriptors to wait for (epoll).
int grapnel_poller(void);
void grapnel_poller_add(int poller, int file, uint64_t subject);
void grapnel_poller_change(int poller, int file, uint64_t subject, bool also_writable);
void grapnel_poller_remove(int poller, int file);
// Fills `ready`, at most 64 entries; how many there are, 0 when the time is over or a signal came.
int grapnel_poller_wait(int poller, grapnel_ready *ready, int count, int milliseconds);

// MARK: Zygote

/// Dies with the parent, ignores what a terminal sends, and returns a descriptor that is readable when a child ended;
/// negative: an error number.
int grapnel_prepare_zygote(void);

/// Builds the system call filter that children load. `allows_jit`: whether pages may become executable;
/// `allows_threads`: whether threads may be started, as the compiler of WebAssembly does. 0, or an error number.
int grapnel_build_filter(bool allows_jit, bool allows_threads);

/// Leaves layers of the sandbox out (a bit for each `grapnel_layer`), for tests that prove that another one holds.
void grapnel_leave_out(uint32_t layers);

/// Forks, into namespaces of its own where that is allowed. In the child: 0, with its socket on descriptor 3 and nothing open above. In the zygote: the process, with
/// the other end of the socket in `*hub_end`; negative: an error number.
pid_t grapnel_fork_child(int *hub_end);

/// Empties the descriptor of `grapnel_prepare_zygote`; reap until there is nothing more after it.
void grapnel_drain(int descriptor);

/// Reaps one ended child: its process and how it ended, or 0 when none has ended.
pid_t grapnel_reap(int *wait_status, uint64_t *cpu_microseconds, uint64_t *peak_kibibytes);

/// Kills a child that has not been reaped.
void grapnel_kill(pid_t process);

// MARK: Child

/// Takes on every layer but the last two; `errors[layer]` is 0 or the error number of a layer that was refused.
/// `memory_budget`: bytes beyond what the process holds now.
void grapnel_enter_sandbox(uint64_t memory_budget, int errors[GRAPNEL_LAYER_COUNT]);

/// Takes on Landlock and the system call filter: after this no file and no new socket can be opened.
void grapnel_seal_sandbox(int errors[GRAPNEL_LAYER_COUNT]);

/// Kills the process once it has used this much more processor time; 0 disarms.
void grapnel_arm_cpu_timer(uint64_t microseconds);

/// Fills `bytes` from the operating system's random numbers; false when it cannot.
bool grapnel_random(void *bytes, size_t count);

/// Milliseconds of a clock that never steps back.
uint64_t grapnel_monotonic_milliseconds(void);

#endif

#ifndef GRAPNEL_CSANDBOX_PROGRAM_H
#define GRAPNEL_CSANDBOX_PROGRAM_H

// Starting a program from a process that has many threads.

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// What is to be started, and what it may use.
typedef struct {
    const char *path;
    char *const *arguments;
    char *const *environment;
    /// The folder that it starts in.
    const char *folder;
    /// Processor time of each of its processes, in whole seconds; 0 for no limit.
    uint64_t cpu_seconds;
    /// Data that each of its processes may have, in bytes (`RLIMIT_DATA`).
    uint64_t data;
    /// Descriptors of each of its processes.
    uint64_t files;
    /// The size of a file that it writes; UINT64_MAX for no limit.
    uint64_t file_size;
    /// Descriptors of `cgroup.procs` files that it enters before it starts; -1 for none.
    int groups[2];
    /// Descriptors that the calling process keeps for itself: with fewer left nothing is started (`EMFILE`).
    uint64_t spare;
} grapnel_program;

/// A program that was started, and the hub's ends of its three pipes, non-blocking.
typedef struct {
    pid_t process;
    int input;
    int output;
    int errors;
    /// Readable when the process has ended; -1 when the kernel has no such descriptor.
    int ended;
} grapnel_started;

/// Starts a program in a session of its own, with no descriptor but its three pipes, no signal blocked or ignored, and
/// killed when the thread that started it ends. 0, or an error number.
int grapnel_start_program(const grapnel_program *program, grapnel_started *started);

/// Whether a child has ended, and its wait status; it is not waited for, so that its number stays its own.
bool grapnel_has_ended(pid_t process, int *status);

/// Waits for what `descriptors` have to say: bit n of the answer is set when descriptor n can be read or has ended.
/// A descriptor of -1 is left out. `writable` is waited for to take bytes (bit 31).
uint32_t grapnel_wait(const int *descriptors, int count, int writable, int milliseconds);

/// Blocks every signal for the calling thread: the hub's signals are for others, and a broken pipe is an error number.
void grapnel_block_signals(void);

#endif

#ifndef FAULT_VFS_H
#define FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/// What SQLite asks of the disk.
enum fault_call { FAULT_OPEN, FAULT_READ, FAULT_WRITE, FAULT_TRUNCATE, FAULT_SYNC, FAULT_DELETE };

/// One request of SQLite's.
struct fault_request {
    enum fault_call call;
    /// The file, in full.
    const char *path;
    /// What is to be written.
    const void *bytes;
    /// How many bytes are to be read or written.
    int64_t count;
    /// Where they are; of `FAULT_TRUNCATE`: the new size.
    int64_t offset;
    /// Of `FAULT_OPEN`: whether the file is made now.
    bool is_new;
    /// Of `FAULT_SYNC` and `FAULT_DELETE`: whether the names in the folder are synced as well.
    bool syncs_folder;
};

/// What becomes of a request.
struct fault_verdict {
    /// 0 lets it through; anything else is the result code that SQLite gets instead.
    int code;
    /// How many bytes of a refused write reach the file all the same.
    int64_t count;
};

/// A folder whose files are watched, and may fail.
struct fault_disk {
    void *context;
    /// Asked before each request.
    struct fault_verdict (*decide)(void *context, const struct fault_request *request);
    /// Told after each request that went well.
    void (*made)(void *context, const struct fault_request *request);
    /// `PRAGMA synchronous = FULL` is swallowed, and a look at the level is answered with what was asked for: so
    /// behaves an engine that forgot to ask.
    bool forgets_full;
};

/// Watches the files of `folder` from now on. The VFS becomes the default of the process and leaves the files of all
/// other folders to the one that was it before. `context` must last as long as the process.
void fault_vfs_attach(const char *folder, struct fault_disk disk);

/// Leaves the files of `folder` alone that are opened from now on.
void fault_vfs_detach(const char *folder);

#endif

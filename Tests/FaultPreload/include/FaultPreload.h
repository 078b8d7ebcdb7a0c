#ifndef FAULT_PRELOAD_H
#define FAULT_PRELOAD_H

/// The variable that names the control file. While that file begins with `f` (full), writes of databases and their logs
/// fail with ENOSPC; with `r` (read-only), with EROFS; with `s` (sync), their syncs fail with EIO.
#define FAULT_PRELOAD_CONTROL "GRAPNEL_TEST_DISK_CONTROL"

#endif

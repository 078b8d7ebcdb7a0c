// The zygote and, after a fork, the isolate. Used like C: no Foundation, no Dispatch, no concurrency, so that the
// process has one thread of its own when it forks.
Zygote.run()

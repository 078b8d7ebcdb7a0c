/// The system gave no socket.
struct LoopbackServerError: Error {
    let code: Int32
}

/// A request that a connection's lane has let through before it is made, with where it gives that back.
struct Admission: Sendable {
    let lane: ConnectionLane
    let pass: ConnectionLane.Pass

    /// It is not sent.
    func returnUnused() { lane.returnUnused(pass) }
}

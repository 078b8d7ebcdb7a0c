/// What the hub says to start a run.
struct RunLine<Body: Decodable>: Decodable {
    let run: Run
    let event: Event<Body>
}

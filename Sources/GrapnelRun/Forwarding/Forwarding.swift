import GrapnelCore
import GrapnelFormat

/// A run of a recipe without code: what `forward:` says is rendered and left behind, without an isolate.
struct Forwarding {
    let recipe: DeployedRecipe
    let leased: LeasedRun

    /// Renders every operation and leaves it with the host; how the run ended.
    func perform(on host: RunHost, clock: any HubClock) -> IsolateOutcome {
        let startedAt = clock.monotonic()
        let event = leased.event
        let scope = ForwardScope(
            ForwardOccasion(recipe: recipe.name), event: event, body: event.body(),
            variables: recipe.manifest.variables)
        var steps: [String: Int] = [:]
        var result = IsolateOutcome.Result.returned(nil)
        do throws(AttemptFailure) {
            for rule in recipe.manifest.forwards {
                let name = "\(rule.connection).\(rule.operation)"
                steps[name, default: 0] += 1
                let input: JSON
                do throws(ExpressionError) {
                    input = try rule.input.render(in: scope)
                } catch {
                    throw AttemptFailure(
                        .badOutput, "forward to \(name): input.\(error)", isRetryable: false)
                }
                host.leaveOut(rule.input.absences(in: scope), of: name)
                host.send(
                    .send(
                        OutputRequest(
                            connection: rule.connection, operation: rule.operation, input: input,
                            step: "\(name)#\(steps[name, default: 1])", delay: .zero)))
            }
        } catch {
            result = .failed(error)
        }
        return IsolateOutcome(result: result, coldStart: false, took: clock.monotonic() - startedAt)
    }

    /// The failure of an operation that does not take its input, with the paths that led nowhere. The event stays as it
    /// is, so another try cannot help.
    static func explained(_ failure: AttemptFailure, absent paths: [String]) -> AttemptFailure {
        var explained = failure
        explained.isRetryable = false
        if !paths.isEmpty { explained.message += "; absent in the event: \(paths.joined(separator: ", "))" }
        return explained
    }
}

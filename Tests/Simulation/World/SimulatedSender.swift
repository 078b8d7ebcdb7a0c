import GrapnelCore
import TestSupport

/// Who sends webhooks: vendors that repeat a delivery until it is accepted, and sometimes beyond that.
///
/// Unchecked: there is one thread.
final class SimulatedSender: @unchecked Sendable {
    /// A delivery, as it is sent.
    struct Delivery: Hashable {
        var tenant = TenantID.default
        var source: String
        var id: String
        var type: String
        var number: Int64
        /// Tells a conflicting body of the same id.
        var variant: Int64
        var key: String?

        /// What tells it from every other.
        var name: String { "\(tenant) \(source) \(id)" }

        var body: [UInt8] {
            let rest = key.map { #","key":"\#($0)""# } ?? ""
            return Array(#"{"type":"\#(type)","number":\#(number),"variant":\#(variant)\#(rest)}"#.utf8)
        }
    }

    /// The other tenant of the database.
    static let neighbour = TenantID("neighbour")

    private unowned let simulation: Simulation
    private let random: SeededRandomSource
    /// Deliveries that were answered with success.
    private(set) var acked: Set<Delivery> = []
    /// Deliveries that are still to be accepted.
    private(set) var open = 0

    init(_ simulation: Simulation, random: SeededRandomSource) {
        self.simulation = simulation
        self.random = random
    }

    /// Puts every delivery of the plan on the timeline.
    func begin() {
        let plan = simulation.plan
        for number in 0..<plan.deliveries {
            let source = random.pick(SimulatedDefinitions.sources) ?? "shop"
            let delivery = Delivery(
                source: source, id: "d\(number)", type: random.chance(0.7) ? "order.created" : "order.paid",
                number: Int64(number), variant: 0, key: SimulatedDefinitions.key(Int64(number), of: plan.keys))
            let time = random.within(0...plan.span)
            send(delivery, at: time)
            if random.chance(plan.duplicates) { send(delivery, at: time + random.within(0...plan.span)) }
            // Two at once: both are answered, and one is stored.
            if random.chance(plan.duplicates) { send(delivery, at: time) }
            // The neighbour's vendor numbers its deliveries in the same way.
            if random.chance(plan.neighbours) {
                var theirs = delivery
                theirs.tenant = SimulatedSender.neighbour
                send(theirs, at: time + random.within(0...plan.span / 4))
            }
            if random.chance(plan.conflicts) {
                var other = delivery
                other.variant = 1
                send(other, at: time + random.within(0...plan.span))
            }
        }
    }

    private func send(_ delivery: Delivery, at time: Int64) {
        open += 1
        simulation.thread.after(time, .world) { [self] in attempt(delivery, pause: 5 * SimulationPlan.second) }
    }

    private func attempt(_ delivery: Delivery, pause: Int64) {
        // Said by whoever has no answer in time: the delivery is tried again.
        let patience = simulation.thread.after(60 * SimulationPlan.second, .world) { [self] in
            attempt(delivery, pause: min(pause * 2, SimulationPlan.hour))
        }
        simulation.post(delivery) { [self] status in
            guard simulation.thread.cancel(patience) else { return }
            simulation.note("answer \(status) to \(delivery.name) \(delivery.variant)")
            if (200..<300).contains(status) {
                open -= 1
                acked.insert(delivery)
            } else {
                simulation.thread.after(pause, .world) { [self] in
                    attempt(delivery, pause: min(pause * 2, SimulationPlan.hour))
                }
            }
        }
    }
}

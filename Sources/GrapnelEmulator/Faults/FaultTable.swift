package import GrapnelCore
import Synchronization

/// The faults that are in force. The first that fits a request hits it.
package final class FaultTable: Sendable {
    private let rules = Mutex<[FaultRule]>([])
    private let random: any RandomSource

    package init(random: any RandomSource) {
        self.random = random
    }

    /// Puts a fault behind those in force.
    package func add(_ rule: FaultRule) {
        rules.withLock { $0.append(rule) }
    }

    /// Ends every fault.
    package func removeAll() {
        rules.withLock { $0.removeAll() }
    }

    /// The faults in force, with what is left of their counts.
    package var all: [FaultRule] {
        rules.withLock { $0 }
    }

    /// The fault that hits the next request to an operation; uses up one of its count.
    package func next(connector: String, operation: String?) -> FaultRule? {
        rules.withLock { rules in
            for index in rules.indices where rules[index].covers(connector: connector, operation: operation) {
                let rule = rules[index]
                guard rule.probability >= 1 || random.unit() < rule.probability else { continue }
                if let count = rule.count {
                    if count > 1 { rules[index].count = count - 1 } else { rules.remove(at: index) }
                }
                return rule
            }
            return nil
        }
    }
}

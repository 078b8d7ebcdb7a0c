import GrapnelCore

/// Cancels by id: what `grapnel cancel`, `grapnel runs cancel` and `grapnel effects cancel` have in common.
enum Cancelling {
    static func cancel(_ ids: [String], _ hub: HubOptions, _ output: OutputOptions) throws {
        let documents = try ids.map { id in
            try hub.client.post("/v1/\(id.hasPrefix("eff_") ? "effects" : "runs")/\(id)/cancel")
        }
        if output.printed(documents.count == 1 ? documents[0] : .array(documents)) { return }
        for document in documents {
            let id = document.text("id")
            let outputs = document["cancelled_outputs"]?.integer ?? 0
            if document["ending"]?.bool == true {
                Terminal.print("\(id) is under way; it ends within moments, and nothing of it is tried again.")
            } else if id.hasPrefix("run_"), document.text("state") != "cancelled" {
                Terminal.print("\(id) was over; \(outputs.grouped) of its outputs that waited are cancelled.")
            } else {
                Terminal.print("\(id) is cancelled.")
            }
        }
    }
}

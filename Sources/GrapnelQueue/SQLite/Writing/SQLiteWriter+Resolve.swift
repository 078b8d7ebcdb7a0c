import GrapnelCore

extension SQLiteWriter {
    /// Applies what a human decided about effects.
    func resolve(_ resolutions: [EffectResolution]) throws -> [Result<Effect, QueueError>] {
        try resolutions.map { resolution in try refusable { try resolve(resolution) } }
    }

    private func resolve(_ resolution: EffectResolution) throws -> Effect {
        guard var row = try effects.find(resolution.effect) else {
            throw QueueError(.notFound, "there is no effect \(resolution.effect)")
        }
        let now = clock.now()
        let old = row.outcome
        switch row.effect.kind {
        case .output: try resolveOutput(&row, by: resolution, now: now)
        case .call: try resolveCall(&row, by: resolution, now: now)
        }
        try update(old, to: row.outcome)
        if row.outcome.state == .confirmed, old.state != .confirmed {
            let output = resolution.output ?? Array("null".utf8)
            try effects.setOutput(output, of: row.effect.id)
            row.effect.output = output
        }
        row.outcome.apply(to: &row.effect)
        return row.effect
    }

    private func refusal(_ row: EffectRow, _ choice: EffectResolution.Choice) -> QueueError {
        let delivery = row.outcome.delivery.map { ", its delivery \($0.rawValue)" } ?? ""
        let state = row.effect.state.rawValue
        let hint =
            switch choice {
            case .confirm: "only an effect whose outcome is unknown can be confirmed"
            case .resend: "only an unknown call, or a parked, dead or cancelled output, can be sent again"
            case .drop: "only what waits for a decision can be dropped"
            }
        return QueueError(.conflict, "effect \(row.effect.id) is \(state)\(delivery); \(hint)")
    }

    private func resolveOutput(
        _ row: inout EffectRow, by resolution: EffectResolution, now: Timestamp
    ) throws {
        let (state, delivery) = (row.outcome.state, row.outcome.delivery)
        switch resolution.choice {
        case .confirm:
            guard state == .unknown, delivery != .leased else { throw refusal(row, .confirm) }
            row.outcome.state = .confirmed
            row.outcome.settledAt = now
            row.outcome.place(WorkPlacement(.succeed, now: now))
        case .resend:
            guard state != .confirmed, delivery == .parked || delivery == .dead || delivery == .cancelled
            else { throw refusal(row, .resend) }
            row.outcome.humanSaidResend = state == .unknown
            row.outcome.counters = WorkCounters()
            row.outcome.plannedFor = now
            row.outcome.place(WorkPlacement(.retry(at: now), now: now))
        case .drop:
            guard delivery == .parked else { throw refusal(row, .drop) }
            row.outcome.place(WorkPlacement(.die(.dropped), now: now))
        }
    }

    private func resolveCall(
        _ row: inout EffectRow, by resolution: EffectResolution, now: Timestamp
    ) throws {
        guard row.outcome.state == .unknown else { throw refusal(row, resolution.choice) }
        switch resolution.choice {
        case .confirm:
            row.outcome.state = .confirmed
            row.outcome.settledAt = now
            try wakeRun(waitingFor: row)
        case .resend:
            row.outcome.humanSaidResend = true
            try wakeRun(waitingFor: row)
        case .drop:
            // The ledger goes on to say that nobody knows; what ends is the run that waited.
            guard let run = try runParked(for: row) else { throw refusal(row, .drop) }
            try place(run, WorkPlacement(.die(.dropped), now: now))
        }
    }
}

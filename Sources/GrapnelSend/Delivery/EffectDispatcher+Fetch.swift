package import GrapnelCore

extension EffectDispatcher {
    package func fetch(_ request: FetchRequest) async -> Result<HTTPReply, CallFailure> {
        let exchange = FetchExchange(allowedHosts: request.allowedHosts)
        let deadline = clock.monotonic() + request.timeout
        let key = IdempotencyKey.make(
            origin: request.run.run.origin, recipe: request.run.run.recipe, step: request.step, tenantKey: tenantKey)
        do throws(CallFailure) {
            var next = try exchange.request(request)
            connections.identify(&next.headers, idempotencyKey: key)
            for _ in 0...FetchExchange.mostRedirects {
                next.timeout = max(deadline - clock.monotonic(), .milliseconds(1))
                let response = try await answer(to: next)
                guard let redirected = try exchange.redirect(next, after: response) else {
                    return .success(exchange.reply(response))
                }
                next = redirected
            }
            throw CallFailure(
                code: "too_many_redirects", message: "more than \(FetchExchange.mostRedirects) redirects",
                isRetryable: false, outcome: .definite)
        } catch {
            return .failure(error)
        }
    }

    private func answer(to request: EgressRequest) async throws(CallFailure) -> EgressResponse {
        if outside.isOffline { throw CallFailure.offline(outside.nextProbe) }
        switch await egress.perform(request) {
        case .success(let response):
            _ = note(.answered)
            return response
        case .failure(let failure):
            let counts = note(failure.callFailure.sign)
            throw counts ? failure.callFailure : CallFailure.offline(outside.nextProbe)
        }
    }
}

import GrapnelCore
import GrapnelFormat

extension HTTPReply {
    /// What a template says; `nil` when the request lacks what it needs.
    init?(_ template: AnswerTemplate, _ scope: RequestScope) {
        self.init(status: template.status)
        do {
            if let body = template.body {
                self.body = Array((try body.text(in: scope, for: .text) ?? "").utf8)
                headers.set("content-type", template.type ?? "application/json")
            } else if let type = template.type {
                headers.set("content-type", type)
            }
            for header in template.headers {
                if let value = try header.value.text(in: scope, for: .header) { headers.set(header.name, value) }
            }
        } catch {
            return nil
        }
    }
}

/// `reply:` of a recipe: within what time its run answers the vendor, and what is said when it is late or fails.
package struct ReplyPolicy: Sendable, Hashable {
    package var within: Duration
    package var otherwise: HTTPReply

    package init(within: Duration, otherwise: HTTPReply) {
        self.within = within
        self.otherwise = otherwise
    }
}

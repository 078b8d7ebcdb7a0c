/// Takes notices for the operator. Whoever finds something to tell posts it; a notice is never a reason to fail.
package protocol NoticePosting: Sendable {
    /// Makes the notice known; returns when it is stored, or when it cannot be.
    func post(_ notice: Notice) async
}

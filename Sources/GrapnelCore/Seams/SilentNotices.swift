/// Keeps notices to itself: for parts that run without a hub.
package struct SilentNotices: NoticePosting {
    package init() {}

    package func post(_ notice: Notice) async {}
}

/** The kind of device that this page is for, from its path; '' for people's pages. The server then knows which of this browser's cookies is meant. */
export const device = ['kiosk', 'board', 'window', 'pad', 'staff'].find(kind => location.pathname.split('/')[1] === kind) ?? '';

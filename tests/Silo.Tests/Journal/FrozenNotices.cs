using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Silo.Tests.Journal;

/// <summary>What the frozen sample with the events 24 and 25 and a snapshot of version 2 was made from. Never changed; what comes after gets a sample of its own.</summary>
internal static class FrozenNotices
{
    /// <summary>The snapshot was taken here, with three notices posted.</summary>
    public const long SnapshotAt = 5;

    private const string Document =
        """
        {"hall":"frozen","name":{"zh":"样本大厅","en":"Sample hall"},"zones":[{"zone":"main","name":{"zh":"主厅","en":"Main"}}],
        "lines":[{"line":"a","prefix":"A","name":{"zh":"甲","en":"A"}}],
        "services":[{"service":"card","name":{"zh":"社保卡","en":"Card"},"line":"a","kind":"immediate","expectedMinutes":4}],
        "windows":[{"window":"1","kind":"comprehensive","zone":"main","profile":[{"line":"a","afterMinutes":0}]}],
        "calendar":{"timeZone":"Asia/Shanghai","sessions":"always"}}
        """;

    /// <summary>Monday 2026-11-23, 09:00 in Shanghai.</summary>
    public static readonly Instant Opening = FrozenDay.Opening;

    public static readonly TextHash Words = new(new UInt128(3, 4));
    public static readonly ZoneId Main = new("main");

    public static IReadOnlyList<HallEvent> Events { get; } =
    [
        new NoticePosted(Words, null, Opening),
        new NoticePosted(Words, Main, Opening + TimeSpan.FromDays(400)),
        new NoticeEnded(1),
        new NoticeEnded(3_000_000_000),
    ];

    /// <summary>The day's commands and when they were taken, in seconds from the opening.</summary>
    public static IReadOnlyList<(int Second, HallCommand Command)> Commands { get; } =
    [
        (0, new ConfigureHall(FrozenSample.DayHall, PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(Document))))),
        (10, new PostNotice(Words, Main, Opening + TimeSpan.FromHours(2))),
        (20, new PostNotice(Words, null, Opening + TimeSpan.FromDays(2))),
        (30, new IssueTicket(new("card"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null)),
        (40, new PostNotice(Words, null, Opening + TimeSpan.FromMinutes(30))),
        (50, new WithdrawNotice(3)),
        (2400, new Poke()),
        (2500, new PostNotice(Words, null, Opening + TimeSpan.FromDays(9))),
    ];
}

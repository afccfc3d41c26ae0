using System.Text;
using HallOps.Core.Halls;
using HallOps.Silo.Projections;

namespace HallOps.Silo.Tests.Projections;

/// <summary>The rows that an event changes.</summary>
public sealed class LegRowTests
{
    private const string Document = """
        {
          "hall": "rows", "name": {"zh": "大厅"},
          "lines": [{"line": "a", "prefix": "A", "name": {"zh": "甲"}}, {"line": "j", "prefix": "J", "name": {"zh": "联办"}}],
          "services": [{"service": "one", "name": {"zh": "一"}, "line": "a", "kind": "immediate"}, {"service": "two", "name": {"zh": "二"}, "line": "a", "kind": "immediate"},
                       {"service": "both", "name": {"zh": "一件事"}, "line": "j", "kind": "joint", "legs": [{"service": "one"}, {"service": "two", "after": ["one"]}]}],
          "windows": [{"window": "1", "kind": "comprehensive", "profile": [{"line": "a"}]}],
          "calendar": {"timeZone": "Asia/Shanghai", "sessions": "always"}
        }
        """;

    private readonly HallState _state = new();
    private Instant _now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8)));
    private HallEvent? _last;

    [Fact]
    public void DayEnded_OfAJointVisitWithOneLegAndOneOther_ChangesTheRowsOfBoth()
    {
        Do(new ConfigureHall(7, PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(Document)))));
        foreach (var service in new[] { "both", "one" }) Do(new IssueTicket(new ServiceId(service), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null));
        _now += TimeSpan.FromHours(16);
        Do(new Poke());
        Assert.IsType<DayEnded>(_last);
        Assert.Equal([("J001", TicketState.Expired), ("A001", TicketState.Expired)], LegRow.ChangedBy(_last, _state, new DayTexts()).Select(row => (row.Number, row.State)));
    }

    [Theory]
    [InlineData(9, "17:30")]
    [InlineData(18, "18:00")]
    public void DayEnded_OfWhoWaitsStill_IsWhenTheHallClosed(int issuedAt, string leftAt)
    {
        _now = Instant.From(new DateTimeOffset(2026, 11, 23, issuedAt, 0, 0, TimeSpan.FromHours(8)));
        Do(new ConfigureHall(7, PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(Document.Replace("\"sessions\": \"always\"",
            "\"sessions\": [{\"kind\": \"regular\", \"days\": [\"workday\"], \"from\": \"08:30\", \"to\": \"12:00\"}, {\"kind\": \"regular\", \"days\": [\"workday\"], \"from\": \"13:30\", \"to\": \"17:30\"}]", StringComparison.Ordinal))))));
        if (issuedAt < 17) Do(new IssueTicket(new ServiceId("one"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null));
        else Fold(new TicketIssued(1, "A001", new ServiceId("one"), new LineId("a"), ClassId.Normal, Grants.Self, null, TicketSource.Guide, true, 0, null, null), _now);
        _now = Instant.From(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(8)));
        while (_last is not DayEnded && Hall.NextDue(_state, _now) is { } due) Fold(due.Event, due.At);

        var row = Assert.Single(LegRow.ChangedBy(_last!, _state, new DayTexts()));
        Assert.Equal((LegOutcome.Abandoned, leftAt), (row.Outcome, DateTimeOffset.FromUnixTimeMilliseconds(row.Said.EndedAt!.Value).ToOffset(TimeSpan.FromHours(8)).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)));
    }

    private void Do(HallCommand command)
    {
        while (Hall.NextDue(_state, _now) is { } due) Fold(due.Event, due.At);
        foreach (var e in Hall.Decide(_state, command, _now).Events) Fold(e, _now);
    }

    private void Fold(HallEvent e, Instant at)
    {
        Hall.Evolve(_state, e, at, _state.Sequence + 1);
        _last = e;
    }
}

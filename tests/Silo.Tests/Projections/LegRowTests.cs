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

using System.Data.Common;
using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo.Projections;

namespace HallOps.Load.Reports;

/// <summary>Figures and legs that nobody waited for, written straight into the tables of reports.</summary>
/// <param name="random">Of every choice.</param>
internal sealed class ReportYear(DbConnection connection, Random random)
{
    private static readonly Column[] LegColumns =
    [
        Column.Number("hall"), Column.Number("ticket"), Column.Number("leg"), Column.Text("number"), Column.Text("day"), Column.Text("service"), Column.Text("line"), Column.Text("class"), Column.Text("source"),
        Column.Number("issued_at"), Column.Number("since"), Column.Number("called_at"), Column.Number("first_called_at"), Column.Number("started_at"), Column.Number("finished_at"), Column.Number("joined_at"),
        Column.Number("ended_at"), Column.Text("window"), Column.Text("staff"), Column.Text("outcome"), Column.Text("finish_outcome"), Column.Text("grade"), Column.Text("state"), Column.Number("overtook"),
        Column.Number("times"), Column.Number("misses"), Column.Number("told_before"), Column.Text("department"),
    ];

    /// <summary>The figures of every day of a year and of its months, and of the year, for halls with numbers 1 to <paramref name="halls"/>: some 200 visits a day each.</summary>
    public async Task WriteRollupsAsync(int halls, int year)
    {
        // Some days, dealt out to all: what it costs to read one is the same.
        var days = Enumerable.Range(0, 48).Select(_ => Day(random.Next(120, 280))).ToArray();
        await using var cell = RollupCell.Write(connection);
        for (var hall = 1u; hall <= halls; hall++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var whole = new Tally();
            for (var month = 1; month <= 12; month++)
            {
                var sum = new Tally();
                for (var day = 1; day <= DateTime.DaysInMonth(year, month); day++)
                {
                    var tally = days[random.Next(days.Length)];
                    sum.Add(Tally.Read(tally.ToBytes()));
                    await WriteAsync("day", $"{year}-{month:00}-{day:00}", tally);
                }
                whole.Add(sum);
                await WriteAsync("month", $"{year}-{month:00}", sum);
            }
            await WriteAsync("year", year.ToString(CultureInfo.InvariantCulture), whole);
            await transaction.CommitAsync();

            async Task WriteAsync(string grain, string bucket, Tally tally)
            {
                RollupCell.Fill(cell, (grain, "hall", bucket, hall, ""), tally);
                await cell.RunAsync(transaction, CancellationToken.None);
            }
        }
    }

    /// <summary>So many legs of a hall, a thousand a day from a first day on, as an import leaves them: with numbers below zero, which no hall gives out.</summary>
    public async Task WriteLegsAsync(uint hall, DateOnly first, int legs)
    {
        await using var row = RowWrite.Upsert(connection, "legs", LegColumns, 3);
        for (var done = 0; done < legs;)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var day = first.AddDays(done / 1_000);
            for (var end = Math.Min(done + 1_000, legs); done < end; done++)
            {
                var leg = Leg(day, done);
                var text = day.ToString("O", CultureInfo.InvariantCulture);
                object?[] values =
                [
                    (long)hall, -1L - done, 1L, $"A{done % 1_000:000}", text, leg.Service, leg.Line, "normal", "kiosk", leg.JoinedAt, leg.Since, leg.CalledAt, leg.FirstCalledAt, leg.StartedAt, leg.FinishedAt, leg.JoinedAt,
                    leg.EndedAt, leg.Window, leg.Staff, "served", "done", "satisfied", "finished", 0L, 1L, 0L, 0L, leg.Department,
                ];
                for (var i = 0; i < values.Length; i++)
                    if (values[i] is long number) row.Set(i, number);
                    else row.Set(i, (string?)values[i]);
                await row.RunAsync(transaction, CancellationToken.None);
            }
            await transaction.CommitAsync();
        }
    }

    private Tally Day(int legs)
    {
        var tally = new Tally();
        for (var i = 0; i < legs; i++) tally.Add(Leg(new DateOnly(2025, 6, 12), i), true, long.MaxValue / 2);
        return tally;
    }

    // A wait of minutes with a long tail, a short walk, a service of minutes.
    private MetricLeg Leg(DateOnly day, int ordinal)
    {
        var joined = new DateTimeOffset(day.ToDateTime(new TimeOnly(9, 0)), TimeSpan.FromHours(8)).AddSeconds(random.Next(8 * 3_600));
        var called = joined.ToUnixTimeMilliseconds() + (long)(Math.Exp(random.NextDouble() * 3 + 4) * 1_000);
        var started = called + random.Next(10_000, 60_000);
        var finished = started + (long)(Math.Exp(random.NextDouble() * 2.5 + 4) * 1_000);
        var window = random.Next(1, 13).ToString(CultureInfo.InvariantCulture);
        return new MetricLeg
        {
            Hall = "town", Ticket = ordinal + 1, Day = day, Joined = joined.DateTime, JoinedAt = joined.ToUnixTimeMilliseconds(), Since = joined.ToUnixTimeMilliseconds(), FirstCalledAt = called, CalledAt = called,
            StartedAt = started, FinishedAt = finished, EndedAt = finished, Outcome = LegOutcome.Served, FinishOutcome = FinishOutcome.Done, Grade = Grade.Satisfied, Service = "sc-001", Line = "livelihood",
            Department = "civil-affairs", Window = window, Staff = "w" + window,
        };
    }
}

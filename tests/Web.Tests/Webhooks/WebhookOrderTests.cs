using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Web.Tests.Projections;
using HallOps.Web.Webhooks;

namespace HallOps.Web.Tests.Webhooks;

/// <summary>Laws over random days: everything is told, in order per ticket, near once; whatever receivers answer and whenever the server dies.</summary>
public sealed class WebhookOrderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Deliveries_ToAReceiverThatFailsManyTries_ComeInOrderPerTicket_AndAllOfThem(int seed)
    {
        var random = new Random(seed);
        await using var receiver = await Receiver.StartAsync();
        var failures = new ConcurrentDictionary<string, int>();
        var chance = new Random(seed + 1000);
        // A redirect is no delivery either: the body is for nobody but this address.
        receiver.Answer = id =>
        {
            lock (chance)
            {
                var left = failures.AddOrUpdate(id, _ => chance.Next(4), (_, n) => n - 1);
                return Task.FromResult(left <= 0 ? 200 : left == 1 ? 302 : 503);
            }
        };
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        for (var i = 0; i < 250; i++)
        {
            await bench.Halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            if (random.Next(10) != 0) continue;
            // A slow machine's answer must not be late by the test's time: what is not answered in time is rightly sent again.
            await bench.SettledAsync();
            bench.Time.Advance(TimeSpan.FromSeconds(random.Next(3)));
        }
        await bench.PassAsync(TimeSpan.FromHours(2));

        var expected = await ExpectedAsync(bench);
        Assert.True(expected.Count > 20, $"seed {seed}: only {expected.Count} deliveries.");
        foreach (var ticket in expected.GroupBy(e => e.Subject))
        {
            var taken = receiver.Taken.Where(r => SubjectOf(r) == ticket.Key).Select(r => r.Id);
            Assert.True(ticket.Select(e => e.Id).SequenceEqual(taken), $"seed {seed}, {ticket.Key}: {string.Join(' ', taken)} and not {string.Join(' ', ticket.Select(e => e.Id))}");
            // Nor was a later one tried before the earlier one was taken.
            var tried = receiver.All.Where(r => SubjectOf(r) == ticket.Key).Select(r => r.Id).ToList();
            Assert.True(tried.SequenceEqual(ticket.SelectMany(e => Enumerable.Repeat(e.Id, tried.Count(t => t == e.Id)))), $"seed {seed}, {ticket.Key}: tried {string.Join(' ', tried)}");
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Deliveries_AfterCrashes_AreAllThere_AndRepeatsAreTheSame(int seed)
    {
        var random = new Random(seed);
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        for (var crash = 0; crash < 10; crash++)
        {
            for (var i = random.Next(40); i >= 0; i--) await bench.Halls[(uint)random.Next(1, 3)].SendAnythingAsync(random, random.Next(20) switch { 0 => Loss.Unheard, 1 => Loss.Dropped, _ => Loss.None });
            if (random.Next(3) == 0) await bench.Halls[1].SnapshotAsync();
            await bench.EndAsync();
            // The journal has what nobody heard.
            for (var i = random.Next(20); i > 0; i--) await bench.Halls[(uint)random.Next(1, 3)].SendAnythingAsync(random);
            if (random.Next(3) == 0) await bench.Halls[2].SnapshotAsync();
            await bench.OpenAsync();
        }
        await bench.PassAsync(TimeSpan.FromHours(2));

        var expected = await ExpectedAsync(bench);
        var firsts = receiver.Taken.DistinctBy(r => r.Id).ToList();
        foreach (var ticket in expected.GroupBy(e => e.Subject))
        {
            var taken = firsts.Where(r => SubjectOf(r) == ticket.Key).Select(r => r.Id);
            Assert.True(ticket.Select(e => e.Id).SequenceEqual(taken), $"seed {seed}, {ticket.Key}: {string.Join(' ', taken)} and not {string.Join(' ', ticket.Select(e => e.Id))}");
        }
        Assert.Equal(expected.Count, firsts.Count);
        Assert.All(receiver.Taken.GroupBy(r => r.Id), repeats => Assert.True(repeats.Select(r => r.Body).Distinct().Count() == 1, $"seed {seed}: {repeats.Key} was repeated with another body."));
    }

    [Fact]
    public async Task WhatHappenedBeforeWebhooksWereSet_IsNotTold()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(receiver.Endpoint());
        await bench.EndAsync();
        var (window, clerk) = (new WindowId("1"), new Clerk("c", null, true));
        await bench.IssueAsync();
        await bench.SendAsync(new OpenWindow(window, clerk, null), new CallNext(window, clerk));
        // As if this folder had never had any.
        await bench.ExecuteAsync("DELETE FROM projections WHERE name = 'webhooks'");
        await bench.OpenAsync();
        await bench.IssueAsync();
        await bench.SettledAsync();
        Assert.Equal(["1-5-ticket.near"], receiver.All.Select(r => r.Id));
    }

    [Fact]
    public async Task WhatIsOlderThanADay_IsNotTold()
    {
        await using var receiver = await Receiver.StartAsync();
        var tomorrow = Instant.From(new DateTimeOffset(2026, 11, 3, 8, 0, 30, TimeSpan.FromHours(8)));
        await using var bench = await WebhookBench.StartAsync(tomorrow, null, receiver.Endpoint());
        await bench.IssueAsync();
        await bench.Hall.SendAsync(new OpenWindow(new WindowId("1"), new Clerk("c", null, true), null), TimeSpan.FromMinutes(1));
        await bench.Hall.SendAsync(new CallNext(new WindowId("1"), new Clerk("c", null, true)), TimeSpan.Zero);
        await bench.SettledAsync();
        Assert.Equal(["ticket.called"], receiver.All.Select(r => r.Event));
    }

    [Fact]
    public async Task Near_IsToldOncePerLeg_AtEachEndpointsOwnDistance()
    {
        await using var three = await Receiver.StartAsync();
        await using var none = await Receiver.StartAsync();
        await using var bench = await WebhookBench.StartAsync(three.Endpoint(0, [WebhookEvent.TicketNear], ["h"]), none.Endpoint(1, [WebhookEvent.TicketNear], nearAhead: 0));
        for (var i = 0; i < 6; i++) await bench.IssueAsync();
        await bench.IssueAsync(hall: bench.Halls[2]);
        await bench.SettledAsync();
        Assert.Equal(["1-1", "1-2", "1-3", "1-4"], three.All.Select(r => r.Ticket).Order());
        Assert.Equal(["1-1", "2-1"], none.All.Select(r => r.Ticket).Order());

        // Calls bring the next ones up; a missed visitor who is back is near again and not told again.
        var (window, clerk) = (new WindowId("1"), new Clerk("c", null, true));
        await bench.SendAsync(new OpenWindow(window, clerk, null), new CallNext(window, clerk), new Recall(window, clerk), new Recall(window, clerk), new MarkNoShow(window, clerk), new ReturnTicket(new TicketId(1, 1)));
        await bench.SettledAsync();
        Assert.Equal(["1-1", "1-2", "1-3", "1-4", "1-5"], three.All.Select(r => r.Ticket).Order());
        Assert.Equal(["1-1", "1-2", "2-1"], none.All.Select(r => r.Ticket).Order());

        // Nor after a restart, which remembers it.
        await bench.EndAsync();
        await bench.OpenAsync();
        await bench.IssueAsync();
        await bench.SettledAsync();
        Assert.Equal((5, 3), (three.All.Count, none.All.Count));
    }

    internal static string SubjectOf(Received received) => received.Ticket ?? received.Id.Split('-')[0];

    /// <summary>What is to be told, by a naive fold that looks at every waiting ticket after every event.</summary>
    internal static async Task<List<(string Subject, string Id)>> ExpectedAsync(WebhookBench bench)
    {
        var expected = new List<(string, string)>();
        foreach (var hall in bench.Halls.Values)
        {
            var state = new HallState();
            var near = new HashSet<long>();
            await foreach (var page in bench.Journal.ReadFromAsync(hall.Number, 0, Cancel))
            {
                foreach (var record in page)
                {
                    var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                    Core.Halls.Hall.Evolve(state, @event, new Instant(record.At), record.Sequence);
                    string? told = @event switch
                    {
                        TicketCalled e => $"{hall.Number}-{e.Ticket} ticket.called",
                        TicketRecalled { Counted: true } e => $"{hall.Number}-{e.Ticket} ticket.called",
                        ServiceRated { Grade: >= Grade.Dissatisfied } e => $"{hall.Number}-{e.Ticket} rating.bad",
                        DayEnded => $"{hall.Number} day.closed",
                        _ => null,
                    };
                    if (told?.Split(' ') is [var subject, var name]) expected.Add((subject, $"{hall.Number}-{record.Sequence}-{name}"));
                    foreach (var ticket in state.Tickets.Where(t => t.State == TicketState.Waiting && state.Ahead(t.Leg, state.At) <= 3).OrderBy(t => state.Ahead(t.Leg, state.At)))
                        if (near.Add(ticket.Leg.FirstSequence)) expected.Add((ticket.Id.ToString(), $"{hall.Number}-{ticket.Leg.FirstSequence}-ticket.near"));
                }
            }
        }
        return expected;
    }
}

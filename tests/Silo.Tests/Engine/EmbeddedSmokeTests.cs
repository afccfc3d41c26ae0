using HallOps.Core.Halls;
using HallOps.Silo.Embedded;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Engine;

public sealed class EmbeddedSmokeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops").FullName;

    [Fact]
    public async Task ADay_FromNumberToRating_SurvivesARestart()
    {
        var document = SampleHalls.AlwaysOpen("rudong-town");
        var hall = document.Settings.Hall;
        var clerk = new Clerk("li", null, false);
        var window = new WindowId("1");
        var service = document.Settings.Services.First(s => s.Line.Value == "livelihood").Service;
        var sink = new Sink();
        TicketId id;
        await using (var journal = SqliteJournal.Open(_folder))
        await using (var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System), EngineOptions.Default, NullLogger.Instance, cancel: TestContext.Current.CancellationToken))
        {
            async Task<HallAnswer> Send(HallCommand command, UInt128 key = default) => await halls.SendAsync(hall, new HallRequest(command, "test", key, 7));
            Assert.True(((ConfiguredReply)(await Send(new ConfigureHall(0, document))).Reply!).Created);
            var watch = await halls.WatchAsync(new Topic(TopicKind.Hall, hall), sink, TestContext.Current.CancellationToken);
            Assert.NotNull(watch);
            var issued = (IssuedReply)(await Send(new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), 99)).Reply!;
            id = issued.Id;
            Assert.Equal("M001", issued.Number);
            Assert.Equal(AnswerStatus.Refused, (await Send(new CallNext(window, clerk))).Status);
            Assert.Equal(AnswerStatus.Done, (await Send(new OpenWindow(window, clerk, null))).Status);
            var called = (NextReply)(await Send(new CallNext(window, clerk))).Reply!;
            Assert.Equal("M001", called.Called!.Number);
            await Send(new StartService(window, clerk));
            var finished = (NextReply)(await Send(new Next(window, clerk, null, null))).Reply!;
            Assert.Equal("M001", finished.Finished!.Number);
            Assert.Null(finished.Called);
            Assert.Equal(AnswerStatus.Done, (await Send(new RateTicket(id, Grade.Satisfied, [], null))).Status);
            var again = await Send(new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), 99);
            Assert.True(again.Repeated);
            Assert.Equal(issued, again.Reply);
        }
        Assert.Contains(sink.Messages, m => m is FeedAnnouncement { Ticket: "M001", Window: "1" });
        await using (var journal = SqliteJournal.Open(_folder))
        await using (var halls = await EmbeddedHalls.OpenAsync(journal, new HallClock(TimeProvider.System), EngineOptions.Default, NullLogger.Instance, cancel: TestContext.Current.CancellationToken))
        {
            Assert.Equal(hall, Assert.Single(halls.Halls).Hall);
            var ticket = await halls.ReadAsync(hall, new ReadTicket(id), TestContext.Current.CancellationToken);
            Assert.Equal(TicketState.Finished, ticket!.State);
            Assert.Equal(Grade.Satisfied, ticket.Legs[0].Grade);
            var again = await halls.SendAsync(hall, new HallRequest(new IssueTicket(service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null), "test", 99, 7), TestContext.Current.CancellationToken);
            Assert.True(again.Repeated);
            Assert.Equal("M001", ((IssuedReply)again.Reply!).Number);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Sink : IFeedSink
    {
        public List<FeedMessage> Messages { get; } = [];

        public void Post(params ReadOnlySpan<FeedMessage> messages) => Messages.AddRange(messages);
    }
}

using System.Buffers.Binary;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>
/// F23: journals as earlier versions wrote them, kept in the repository and read for ever. A sample is never written again: a new format gets a folder of its own, made with
/// <c>dotnet run --project tests/CrashChild -- freeze FOLDER</c>.
/// </summary>
public sealed class FrozenJournalTests
{
    [Fact]
    public async Task F23_AJournalOfFormat1_IsReadAsItWasWritten()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "journal.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);

        Assert.Equal([(1u, "hall-1", 45L), (2u, "hall-2", 30L), (70_000u, "hall-70000", 10L)], (await journal.HallsAsync()).Select(h => (h.Number, h.Hall.Value, h.Head.Sequence)));
        // Taken down when the sample was made: it stands for every byte of every record.
        await AssertHall(1, snapshot: 30, last: "4c98d792c3383a31334e38bc0777ecdf");
        await AssertHall(2, snapshot: 20, last: "5c596c88ae13964b04f0d4c9dc39ddf8");
        await AssertHall(70_000, snapshot: null, last: "16763b3bece59a3ed73afd14f8c0b61a");

        async Task AssertHall(uint hall, long? snapshot, string last)
        {
            var history = await journal.ReadAsync(hall);
            Assert.Equal(snapshot, history.Snapshot?.Sequence);
            var count = 0;
            JournalRecord record = default;
            await foreach (var page in journal.ReadFromAsync(hall, 0))
            {
                foreach (var next in page)
                {
                    record = next;
                    Assert.Equal(++count, record.Sequence);
                    Assert.Equal(1_770_000_000_000 + count, record.At);
                    Assert.Equal(HallPen.Payload(count, record.Payload.Length), record.Payload.ToArray());
                }
            }
            Assert.Equal(history.Head.Sequence, count);
            Assert.Equal(last, record.Chain.ToString("x32", null));
        }
    }

    [Fact]
    public async Task F23_AJournalOfFormat2_WithItsArchive_IsReadAsItWasWritten()
    {
        using var folder = new TestFolder();
        var sample = Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v2");
        Directory.CreateDirectory(folder.File("archive"));
        File.Copy(Path.Combine(sample, "journal.db"), folder.File("journal.db"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(sample, "archive"))) File.Copy(file, Path.Combine(folder.File("archive"), Path.GetFileName(file)));
        await using var journal = SqliteJournal.Open(folder.At);
        await using var reader = JournalContents.OfFolder(folder.At);

        Assert.True(await JournalVerify.RunAsync(reader, TextWriter.Null, (_, snapshot) => BinaryPrimitives.ReadUInt128LittleEndian(snapshot.Body.Span), cancel: TestContext.Current.CancellationToken));
        foreach (var (hall, last) in new[] { (1u, "e51198505eb1f54dfe47fae05d7b92d9"), (70_000u, "6ca74dd0ca3070c4ab8dbe2c836d61fc") })
        {
            Assert.Equal((123L, 123L), ((await journal.ReadAsync(hall)).Head.Sequence, (await journal.ReadAsync(hall)).Snapshot!.Sequence));
            var records = new List<JournalRecord>();
            await foreach (var page in journal.ReadFromAsync(hall, 0)) records.AddRange(page);
            Assert.Equal(Enumerable.Range(1, 123).Select(i => (long)i), records.Select(r => r.Sequence));
            Assert.Equal([41L, 82, 123], records.Where(r => r.Type == 22).Select(r => r.Sequence));
            Assert.All(records.Where(r => r.Type == 3), r => Assert.Equal(HallPen.Payload(r.Sequence, r.Payload.Length), r.Payload.ToArray()));
            Assert.Equal(last, records[^1].Chain.ToString("x32", null));
        }
    }

    [Fact]
    public async Task F23_EveryEventOfFormat1_IsReadAsItWasWritten()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "events.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        var history = await journal.ReadAsync(FrozenSample.EventsHall);

        AssertEvents(FrozenDay.Events, history);
    }

    [Fact]
    public async Task F23_EveryNoticeEventOfFormat1_IsReadAsItWasWritten()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "notices.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);

        AssertEvents(FrozenNotices.Events, await journal.ReadAsync(FrozenSample.EventsHall));
    }

    [Fact]
    public void F23_EveryEventThereIs_IsInASample()
    {
        var written = FrozenDay.Events.Concat(FrozenNotices.Events).Concat(FrozenDay.Added.Select(l => l.Event)).Select(e => e.GetType()).ToHashSet();
        Assert.DoesNotContain(typeof(HallEvent).Assembly.GetTypes(), t => t.IsSubclassOf(typeof(HallEvent)) && !written.Contains(t));
    }

    [Fact]
    public void F23_EveryEventAddedSince_IsWrittenAndReadAsItWasFirst()
    {
        foreach (var (@event, type, payload) in FrozenDay.Added)
        {
            var to = new ByteWriter(64);
            Assert.Equal(type, EventCodec.Write(to, @event));
            Assert.Equal(payload, Convert.ToHexStringLower(to.Written));
            Assert.Equal(Text(@event), Text(EventCodec.Read(type, 1, Convert.FromHexString(payload))));
        }
    }

    [Fact]
    public async Task F23_ADayOfFormat1_FromItsSnapshotAndFromTheStart_IsTheDayItWas()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "events.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        var history = await journal.ReadAsync(FrozenSample.DayHall);
        Assert.Equal(FrozenDay.SnapshotAt, history.Snapshot!.Sequence);
        Assert.Equal(1, history.Snapshot.Body.Span[0]);

        var fromSnapshot = Loaded(history);
        var fromStart = await LoadedFromTheStart(journal, history);

        Assert.Equal(fromStart.Fingerprint(), fromSnapshot.Fingerprint());
        var state = fromSnapshot.Confirmed;
        // At one in the morning: the day has ended, the one still being served stays, numbers begin anew.
        Assert.Equal(new DateOnly(2026, 11, 24), state.Day);
        Assert.Equal((4, 0), (state.LastOrdinal, state.Waiting));
        Assert.Equal([(1, TicketState.Serving), (2, TicketState.Expired), (3, TicketState.Finished), (4, TicketState.Cancelled)],
            Enumerable.Range(1, 4).Select(n => (n, state.Find(new TicketId(FrozenSample.DayHall, n))!.State)));
        Assert.Equal(Grade.Satisfied, state.Find(new TicketId(FrozenSample.DayHall, 3))!.Leg.Grade);
        Assert.NotNull(state.Find(new LineId("b"))!.Suspension);
    }

    /// <summary>A snapshot of version 1 and what is written today: the same day goes on from either.</summary>
    [Fact]
    public async Task F23_ASnapshotOfVersion1_WrittenAgain_IsOfTheNewestAndTheSameState()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "events.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        var history = await journal.ReadAsync(FrozenSample.DayHall);
        var old = SnapshotCodec.Read(history.Snapshot!.Body.Span);
        var again = SnapshotCodec.Write(old.State, old.Chain, old.Remembered);

        Assert.Equal((1, 7), (history.Snapshot.Body.Span[0], again[0]));
        Assert.True(old.Remembered.TryGet(1000u, out _));
        Assert.Equal(Loaded(history).Fingerprint(), Loaded(history with { Snapshot = history.Snapshot with { Body = again } }).Fingerprint());
    }

    [Fact]
    public async Task F23_ADayWithNotices_FromItsSnapshotOfVersion2AndFromTheStart_IsTheDayItWas()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "notices.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        var history = await journal.ReadAsync(FrozenSample.DayHall);
        Assert.Equal((FrozenNotices.SnapshotAt, 2), (history.Snapshot!.Sequence, history.Snapshot.Body.Span[0]));
        var snapshot = SnapshotCodec.Read(history.Snapshot.Body.Span);
        Assert.Equal([2, 3, 5], Posted(snapshot.State).Select(n => n.Notice));
        Assert.True(snapshot.Remembered.TryGet(1001u, out var answer));
        Assert.Equal(new NoticeReply(2, FrozenNotices.Opening + TimeSpan.FromHours(2)), answer.Reply);

        var fromSnapshot = Loaded(history);
        var fromStart = await LoadedFromTheStart(journal, history);

        Assert.Equal(fromStart.Fingerprint(), fromSnapshot.Fingerprint());
        Assert.Equal(
            [new NoticeView(null, "main", FrozenNotices.Words, 2, Local(TimeSpan.FromHours(2))), new NoticeView(null, null, FrozenNotices.Words, 8, Local(TimeSpan.FromDays(9)))],
            Posted(fromSnapshot.Confirmed));

        static IReadOnlyList<NoticeView> Posted(HallState state) => HallPicture.Notices(state, FrozenNotices.Opening);
        static DateTimeOffset Local(TimeSpan after) => (FrozenNotices.Opening + after).ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8));
    }

    [Fact]
    public async Task F23_ADayWithAChange_FromItsSnapshotOfVersion3AndFromTheStart_IsTheDayItWas()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "changes.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        var history = await journal.ReadAsync(FrozenSample.DayHall);
        Assert.Equal((FrozenChanges.SnapshotAt, 3), (history.Snapshot!.Sequence, history.Snapshot.Body.Span[0]));
        var snapshot = SnapshotCodec.Read(history.Snapshot.Body.Span).State;
        Assert.Equal(1, snapshot.Find(new WindowId("1"))!.Rateable!.Number);
        Assert.Equal(2, snapshot.Find(new TicketId(FrozenSample.DayHall, 3))!.Leg.Number);

        var fromSnapshot = Loaded(history);
        var fromStart = await LoadedFromTheStart(journal, history);

        // A version 3 did not say who answers for a visit: it is who served it.
        Assert.Equal("li", snapshot.Find(new TicketId(FrozenSample.DayHall, 1))!.Owner!.Value.Value);
        Assert.Equal(fromStart.Fingerprint(), fromSnapshot.Fingerprint());
        Assert.Equal(2, fromSnapshot.Confirmed.Find(new WindowId("1"))!.Present!.Id.Ordinal);
    }

    [Fact]
    public async Task F23_ADayOfHoldsTransfersAndAppointments_FromItsSnapshotOfVersion5AndFromTheStart_IsTheDayItWas()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "visits.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        AssertEvents(FrozenVisits.Events, await journal.ReadAsync(FrozenSample.EventsHall));
        var history = await journal.ReadAsync(FrozenSample.DayHall);
        Assert.Equal((FrozenVisits.SnapshotAt, 5), (history.Snapshot!.Sequence, history.Snapshot.Body.Span[0]));

        var fromSnapshot = Loaded(history);
        var fromStart = await LoadedFromTheStart(journal, history);

        Assert.Equal(fromStart.Fingerprint(), fromSnapshot.Fingerprint());
        var view = HallPicture.Floor(fromSnapshot.Confirmed, FrozenDay.Opening + TimeSpan.FromSeconds(2500));
        Assert.Equal("A002:Waiting::1 B001:Serving:wang:1 A003:Waiting::3 A004:Waiting:wang:1 B002:Waiting::1 A006:Waiting::1", string.Join(' ', view.Tickets.Select(t => $"{t.Ticket}:{t.State}:{t.Owner}:{t.Cases}")));
    }

    [Fact]
    public async Task F23_ADayOfJointVisitsAndSlips_FromItsSnapshotOfVersion6AndFromTheStart_IsTheDayItWas()
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "joint.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        AssertEvents(FrozenJoint.Events, await journal.ReadAsync(FrozenSample.EventsHall));
        var history = await journal.ReadAsync(FrozenSample.DayHall);
        Assert.Equal((FrozenJoint.SnapshotAt, 6), (history.Snapshot!.Sequence, history.Snapshot.Body.Span[0]));

        var fromSnapshot = Loaded(history);
        var fromStart = await LoadedFromTheStart(journal, history);

        Assert.Equal(fromStart.Fingerprint(), fromSnapshot.Fingerprint());
        var view = HallPicture.Floor(fromSnapshot.Confirmed, FrozenDay.Opening + TimeSpan.FromSeconds(2500));
        Assert.Equal(["A002:Serving:a:1:", "C001:Waiting:b:0:", "C002:Waiting:a:0:b"], view.Tickets.Select(t => $"{t.Ticket}:{t.State}:{t.Line}:{t.Told}:{string.Join('+', t.Also ?? [])}").Take(3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task ASnapshotOfAVersionNotKnown_IsRefused(byte version)
    {
        using var folder = new TestFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Journal", "frozen-v1", "notices.db"), folder.File("journal.db"));
        await using var journal = SqliteJournal.Open(folder.At);
        var body = (await journal.ReadAsync(FrozenSample.DayHall)).Snapshot!.Body.ToArray();
        body[0] = version;
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan()[^4..], Crc32C.Of(body.AsSpan()[..^4]));

        Assert.Contains($"version {version}", Assert.Throws<FormatException>(() => SnapshotCodec.Read(body)).Message, StringComparison.Ordinal);
    }

    private static void AssertEvents(IReadOnlyList<HallEvent> written, HallHistory history)
    {
        Assert.Equal(written.Select(Text), history.Tail.Select(r => Text(EventCodec.Read(r.Type, r.Version, r.Payload.Span))));
    }

    private static string Text(HallEvent e)
    {
        return e is HallConfigured c ? $"{c.Number} {c.Document.Version} {c.Day:O} {c.DayEndsAt}" : System.Text.Json.JsonSerializer.Serialize(e, e.GetType(), Feeds.FeedJson.Options);
    }

    private static HallActor Loaded(HallHistory history)
    {
        var actor = new HallActor(FrozenSample.DayHall, new HallId("frozen"), TimeSpan.FromSeconds(30));
        actor.Loaded(1, history, new NoRecorder(), FrozenDay.Opening);
        return actor;
    }

    private static async Task<HallActor> LoadedFromTheStart(SqliteJournal journal, HallHistory history)
    {
        var all = new List<JournalRecord>();
        await foreach (var page in journal.ReadFromAsync(FrozenSample.DayHall, 0)) all.AddRange(page);
        return Loaded(new HallHistory(history.Head, null, all));
    }

    private sealed class NoRecorder : IRecorder
    {
        public bool HasRoom => true;
        public string? Unavailable => null;
        public void Append(ReadOnlySpan<byte> frames, int count) => throw new InvalidOperationException("Nothing is decided here.");
    }
}

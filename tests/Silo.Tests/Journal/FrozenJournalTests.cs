using System.Runtime.CompilerServices;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>
/// F23: journals as earlier versions wrote them, kept in the repository and read for ever. A sample is never written again: a new format gets a folder of its own, made with
/// <c>HALLOPS_FREEZE=1 dotnet test tests/Silo.Tests --filter Freeze</c>.
/// </summary>
public sealed class FrozenJournalTests
{
    private const int Flushes = 30;

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
    public async Task Freeze()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("HALLOPS_FREEZE") == "1", "Makes the frozen sample of the present format; only by hand.");
        using var folder = new TestFolder();
        await using (var journal = SqliteJournal.Open(folder.At))
        {
            HallPen[] pens = [new(1), new(2), new(70_000)];
            foreach (var pen in pens) await pen.Load(journal);
            for (var i = 0; i < Flushes; i++)
            {
                List<Append> appends = [pens[0].Next(i % 2 + 1, 60)];
                appends.Add(pens[1].Next(1, i));
                if (i % 3 == 0) appends.Add(pens[2].Next(1, 300));
                Assert.Null((await journal.AppendAsync(HallPen.Flush([.. appends], []))).Failure);
                if (i is 9 or 19) await journal.AppendAsync(HallPen.Flush([], [pens[0].Snapshot(), pens[1].Snapshot()]));
            }
        }
        var target = Path.Combine(Path.GetDirectoryName(SourceFile())!, FormattableString.Invariant($"frozen-v{SqliteSchema.Version}"), "journal.db");
        Assert.False(File.Exists(target), $"{target} is there: a frozen sample is not written again");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(folder.File("journal.db"), target);
    }

    private static string SourceFile([CallerFilePath] string file = "") => file;
}

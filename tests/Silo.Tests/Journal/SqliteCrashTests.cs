using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>F1: a process is killed at every step of a start, an append, a snapshot, a checkpoint and a commit, over and over on the same folder.</summary>
public sealed class SqliteCrashTests
{
    public static TheoryData<string> Steps => [.. SqliteStep.All];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task F1_KilledAtAStep_EveryAcknowledgedRecordIsThereAndEveryHallIsWhole(string step)
    {
        using var folder = new TestFolder();
        var acknowledged = new Dictionary<uint, long>();
        // What happens once a start is met once a start; what happens once a file, once.
        int[] counts = step is SqliteStep.Create or SqliteStep.Created ? [1] : step is SqliteStep.Start or SqliteStep.Started ? [1, 1] : [1, 2, 13];
        for (var run = 0; run < counts.Length; run++)
        {
            var seed = 1000 * run + step.Length;
            await RunUntilKilled(folder.At, step, counts[run], seed, acknowledged);
            await Check(folder.At, acknowledged, $"{step} {counts[run]}, seed {seed}");
        }
        // It works on as if nothing had been.
        await using var journal = SqliteJournal.Open(folder.At);
        var pen = new HallPen(1);
        await pen.Load(journal);
        Assert.Equal([AppendOutcome.Stored], (await journal.AppendAsync(HallPen.Flush(pen.Next(1)))).Appends);
    }

    private static async Task RunUntilKilled(string folder, string step, int count, int seed, Dictionary<uint, long> acknowledged)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "HallOps.CrashChild.dll"), folder, step, count.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        using var child = Process.Start(start)!;
        var error = child.StandardError.ReadToEndAsync();
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            var (hall, sequence) = line.Split(' ') is [var h, var s] ? (uint.Parse(h, CultureInfo.InvariantCulture), long.Parse(s, CultureInfo.InvariantCulture)) : default;
            Assert.True(sequence > acknowledged.GetValueOrDefault(hall), $"hall {hall}: {sequence} acknowledged after {acknowledged.GetValueOrDefault(hall)}");
            acknowledged[hall] = sequence;
        }
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode is not (0 or 3 or 4 or 5) && (await error).Length == 0, $"the child was to be killed at {step} {count} (seed {seed}); it ended with {child.ExitCode} {await error}");
    }

    private static async Task Check(string folder, Dictionary<uint, long> acknowledged, string when)
    {
        await using var journal = SqliteJournal.Open(folder);
        foreach (var (hall, sequence) in acknowledged)
        {
            var chains = new List<UInt128>();
            await foreach (var page in journal.ReadFromAsync(hall, 0))
            {
                foreach (var record in page)
                {
                    chains.Add(record.Chain);
                    Assert.Equal(chains.Count, record.Sequence);
                    Assert.Equal(HallPen.Payload(record.Sequence, record.Payload.Length), record.Payload.ToArray());
                }
            }
            Assert.True(chains.Count >= sequence, $"{when}: hall {hall} has {chains.Count} records, {sequence} were acknowledged");
            var history = await journal.ReadAsync(hall);
            Assert.Equal(chains.Count, history.Head.Sequence);
            Assert.Equal(chains[(int)(history.Snapshot?.Sequence ?? 0)..], history.Tail.Select(r => r.Chain));
            if (history.Snapshot is { } snapshot)
            {
                Assert.Equal(snapshot.Sequence, BinaryPrimitives.ReadInt64LittleEndian(snapshot.Body.Span[16..]));
                Assert.Equal(chains[(int)snapshot.Sequence - 1], BinaryPrimitives.ReadUInt128LittleEndian(snapshot.Body.Span));
            }
        }
    }
}

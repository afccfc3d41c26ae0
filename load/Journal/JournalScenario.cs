using System.Diagnostics;
using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Load.Measuring;
using HallOps.Silo.Journal;
using StackExchange.Redis;

namespace HallOps.Load.Journal;

/// <summary>R4 of docs/benchmarks.md: the journal in Redis beside bare XADDs of the same bytes.</summary>
internal static class JournalScenario
{
    private const int Payload = 40;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        using var server = await RedisProcess.StartAsync(folder);
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var flushes = Math.Max(1, (options.Quick ? 50_000 : 200_000) / options.Callers);
        var leg = 0;
        await OursAsync(server, options.Callers, Math.Max(1, flushes / 4), "warm");
        await TheirsAsync(multiplexer, options.Callers, Math.Max(1, flushes / 4), "bare");
        var (ours, theirs) = await Pairs.MeasureAsync(options.Pairs,
            () => OursAsync(server, options.Callers, flushes, string.Create(CultureInfo.InvariantCulture, $"ours{++leg}")),
            () => TheirsAsync(multiplexer, options.Callers, flushes, string.Create(CultureInfo.InvariantCulture, $"bare{leg}")));
        report.Add(new Ratio("R4", $"durable events/s, a record of {Payload} bytes for each of {options.Callers} halls a flush, Redis with appendfsync always, journal ÷ XADD", Bound.Least(0.3),
            new("RedisJournal, a script a hall", "events/s", [.. ours]), new("bare pipelined XADD of the same bytes", "events/s", [.. theirs])));
    }

    private static async Task<double> OursAsync(RedisProcess server, int halls, int flushes, string prefix)
    {
        await using var journal = await RedisJournal.OpenAsync(server.Address, new RedisJournalOptions { Prefix = prefix });
        var epochs = new ulong[halls];
        for (var hall = 0; hall < halls; hall++) epochs[hall] = await journal.ClaimAsync((uint)hall + 1);
        var all = Flushes(epochs, flushes);
        var began = Stopwatch.GetTimestamp();
        foreach (var flush in all)
        {
            var outcome = await journal.AppendAsync(flush);
            if (outcome.Failure is { } failure) throw new CannotMeasureException($"a flush failed: {failure.Reason}");
            if (outcome.Appends.Any(o => o != AppendOutcome.Stored)) throw new CannotMeasureException("an append was not stored");
        }
        return flushes * (double)halls / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> TheirsAsync(ConnectionMultiplexer multiplexer, int halls, int flushes, string prefix)
    {
        var all = Flushes([.. Enumerable.Repeat(1UL << 32, halls)], flushes);
        var keys = Enumerable.Range(0, halls).Select(h => (RedisKey)string.Create(CultureInfo.InvariantCulture, $"{prefix}:{h}")).ToArray();
        var redis = multiplexer.GetDatabase();
        var sent = new Task<RedisResult>[halls];
        var began = Stopwatch.GetTimestamp();
        foreach (var flush in all)
        {
            for (var hall = 0; hall < halls; hall++) sent[hall] = redis.ExecuteAsync("XADD", keys[hall], "*", "r", flush.Appends[hall].Frames.ToArray());
            await Task.WhenAll(sent);
        }
        return flushes * (double)halls / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Made before the clock runs: what it costs to write a record is not what is measured.</summary>
    private static List<Flush> Flushes(ulong[] epochs, int flushes)
    {
        var chains = new UInt128[epochs.Length];
        var payload = new byte[Payload];
        var all = new List<Flush>(flushes);
        for (var sequence = 1L; sequence <= flushes; sequence++)
        {
            var body = new ByteWriter(epochs.Length * 128);
            var ends = new int[epochs.Length];
            for (var hall = 0; hall < epochs.Length; hall++)
            {
                var record = new JournalRecord((uint)hall + 1, epochs[hall], sequence, 1_770_000_000_000 + sequence, true, "kiosk:k1", 0, 0, 3, 1, default, default);
                chains[hall] = RecordFrame.Write(body, record, payload, chains[hall]);
                ends[hall] = body.Length;
            }
            var bytes = (ReadOnlyMemory<byte>)body.ToArray();
            all.Add(new Flush(bytes, [.. epochs.Select((epoch, hall) => new Append((uint)hall + 1, new HallId(string.Create(CultureInfo.InvariantCulture, $"hall-{hall + 1}")), epoch, sequence - 1, 1,
                bytes[(hall == 0 ? 0 : ends[hall - 1])..ends[hall]]))], []));
        }
        return all;
    }
}

using System.Diagnostics;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary><c>legs.csv</c> of any length takes the memory of a page. <c>HALLOPS_CSV_LEGS</c> is another length: a million is what docs/benchmarks.md tells of.</summary>
public sealed class LegFileTests(ITestOutputHelper output)
{
    // A page of 2,000 legs, its text and the sockets' buffers take some 10 MiB; a file held whole would be 60 MiB already at this length.
    private const int Legs = 150_000;
    private const long MostMoreMiB = 32;

    [Fact]
    public async Task Csv_OfManyLegs_IsStreamedInConstantMemory()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("HALLOPS_CSV_LEGS"), out var given) ? given : Legs;
        await using var host = await ServerHost.StartAsync();
        var rows = new ReportRows(host);
        var first = new DateOnly(2025, 1, 1);
        await rows.LegsAsync([ReportRows.Leg(first, 1, "09:00", "09:05", "09:06", "09:16", LegOutcome.Served) with { FinishOutcome = FinishOutcome.Done, Grade = Grade.Satisfied, Told = new Told(1, 2, 3), Department = "d" }]);
        await using (var database = await host.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            // Each as the first one, over a year of days, whose numbers follow one another.
            var columns = await database.Database.SqlQuery<string>($"SELECT name AS \"Value\" FROM pragma_table_info('legs') WHERE name NOT IN ('ticket', 'day')").ToListAsync(TestContext.Current.CancellationToken);
            var names = string.Join(", ", columns.Select(c => $"\"{c}\""));
#pragma warning disable EF1002 // Names of columns are the table's own.
            await database.Database.ExecuteSqlRawAsync($"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) INSERT INTO legs (ticket, \"day\", {names}) SELECT i, date('2025-01-01', '+' || (i * 364 / {count}) || ' days'), {names} FROM legs CROSS JOIN n WHERE ticket = 1", TestContext.Current.CancellationToken);
#pragma warning restore EF1002
        }
        using var analyst = host.As("analyst@h");
        async Task<(int Lines, long Bytes, long PeakHeap, long PeakSet)> ReadAsync(string to)
        {
            using var response = await analyst.GetAsync(new Uri($"/api/v1/legs.csv?halls=h&from=2025-01-01&to={to}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var (buffer, lines, bytes, looked, heap, set) = (new byte[64 << 10], 0, 0L, 0L, 0L, 0L);
            for (int read; (read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0;)
            {
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
                bytes += read;
                if (bytes - looked < 4 << 20) continue;
                looked = bytes;
                // What is alive, not what waits to be collected.
                heap = Math.Max(heap, GC.GetTotalMemory(forceFullCollection: true));
                using var process = Process.GetCurrentProcess();
                set = Math.Max(set, process.WorkingSet64);
            }
            return (lines, bytes, heap, set);
        }

        // Once in small: what the first file takes, every program takes.
        await ReadAsync("2025-01-10");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var now = Process.GetCurrentProcess();
        var setBefore = now.WorkingSet64;
        var began = Stopwatch.GetTimestamp();
        var (lines, bytes, heap, set) = await ReadAsync("2025-12-31");
        var took = Stopwatch.GetElapsedTime(began);
        output.WriteLine($"{lines - 1} legs, {bytes >> 20} MiB in {took.TotalSeconds:0.0} s; heap +{(heap - before) / 1048576.0:0.0} MiB, working set +{(set - setBefore) / 1048576.0:0.0} MiB");
        Assert.Equal(count + 1, lines);
        Assert.True(heap - before < MostMoreMiB << 20, $"A file of {count} legs took {(heap - before) >> 20} MiB of heap more than before");
    }
}

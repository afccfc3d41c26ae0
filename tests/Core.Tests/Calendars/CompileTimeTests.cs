using System.Diagnostics;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Core.Tests.Halls;

namespace HallOps.Core.Tests.Calendars;

/// <summary>What compiling costs. Runs alone: it is timed, and it weighs the heap.</summary>
[Collection(nameof(HeapIsWeighed))]
public sealed class CompileTimeTests
{
    [Fact]
    public void Year_OfALargeHall_CompilesWithin50Milliseconds()
    {
        var calendar = CalendarText.OfSample("jiangyong-county.json");
        var times = new List<double>();
        for (var run = 0; run < 15; run++)
        {
            var watch = Stopwatch.StartNew();
            var days = calendar.Between(new(2026, 1, 1), new(2026, 12, 31), HolidayData.China).Count(d => d.Intervals.Count > 0);
            times.Add(watch.Elapsed.TotalMilliseconds);
            Assert.InRange(days, 240, 260);
        }
        TestContext.Current.SendDiagnosticMessage("a year of the county hall: {0:0.0} ms at best, {1:0.0} ms in the median", times.Min(), times.Order().ElementAt(7));
        // The best of many: the others tell of the machine, not of the compiler.
        Assert.InRange(times.Min(), 0, 50);
    }

    // 10 KiB a date, three of them kept: a third of what an idle hall may weigh (R14) at the most, where it has a large hall's day.
    [Fact]
    public void CompiledDate_OfTheTownHall_CostsLittle()
    {
        var bytes = SampleFiles.Hall("rudong-town.json");
        var pool = new TextPool();
        var calendars = Enumerable.Range(0, 64).Select(_ => HallDocument.Read(bytes, pool).Settings!.Calendar).ToArray();
        calendars[0].Of("2026-11-24");

        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var calendar in calendars) calendar.Of("2026-11-24");
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / calendars.Length;
        GC.KeepAlive(calendars);

        TestContext.Current.SendDiagnosticMessage("a compiled date of the town hall: {0} bytes", each);
        Assert.InRange(each, 1, 10 << 10);
    }
}

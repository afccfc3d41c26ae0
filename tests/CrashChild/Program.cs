using System.Diagnostics;
using System.Globalization;
using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Journal;

// freeze FOLDER: writes the frozen sample of the present format into an empty folder; by hand, once a format.
if (args is ["freeze", var target])
{
    await FrozenSample.FreezeAsync(target, FrozenDay.Opening, FrozenJoint.Events, FrozenJoint.Commands, FrozenJoint.SnapshotAt);
    return 0;
}

// freeze-archived FOLDER: the frozen sample of a journal with an archive.
if (args is ["freeze-archived", var archived])
{
    await FrozenSample.FreezeArchivedAsync(archived);
    return 0;
}

#if ENGINE_ORLEANS
// silo REDIS PREFIX CLUSTER PORT GATEWAY: a silo until a line comes in.
if (args is ["silo", .. var of]) return await SiloChild.RunAsync(of);
#endif

// FOLDER STEP N SEED: appends for five halls until the N-th time that the journal comes to STEP, then kills itself as `kill -9` would.
// Each line of output is a hall and a sequence that the journal has acknowledged. Ends with 3 where the step never came so often.
var (folder, fatal, count, seed) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
var seen = 0;
// A small log, so that it is moved into the file and begins anew several times in a run.
using var held = FolderLock.Acquire(folder);
await using var journal = SqliteJournal.Open(folder, new()
{
    WalBytes = 200_000,
    Step = step =>
    {
        if (step == fatal && ++seen == count) Process.GetCurrentProcess().Kill();
    },
});
var random = new Random(seed);
var pens = new List<HallPen>();
for (uint number = 1; number <= 5; number++)
{
    var pen = new HallPen(number);
    await pen.Load(journal);
    pens.Add(pen);
}
for (var flush = 0; flush < 400; flush++)
{
    var snapshots = pens.Where(p => p.Sequence > 0 && random.Next(12) == 0).Select(p => p.Snapshot(random.Next(24, 20_000))).ToArray();
    var appends = pens.Where(_ => random.Next(2) == 0).Select(p => p.Next(random.Next(1, 8), random.Next(600))).ToArray();
    var outcome = await journal.AppendAsync(HallPen.Flush(appends, snapshots));
    if (outcome.Failure is not null || outcome.Appends.Any(o => o != AppendOutcome.Stored)) return 4;
    foreach (var append in appends) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{append.Hall} {append.Last}"));
    if (flush % 20 == 0 && !await journal.ProbeAsync()) return 5;
}
return 3;

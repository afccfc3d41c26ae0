using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>The answer to a command that changed something, kept under its key until its service day is forgotten.</summary>
/// <param name="Sequence">Of the command's last event.</param>
/// <param name="Day">The service day it was decided in.</param>
public sealed record Remembered(UInt128 BodyHash, long Sequence, DateOnly Day, HallReply? Reply);
